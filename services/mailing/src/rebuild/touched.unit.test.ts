import { type EventBody, makeEvent, newId } from '@herald/contracts';
import type { FoldedEvent } from '@herald/postgres';
import { someClient, someMailing } from '@herald/testkit';
import { expect, test } from 'vitest';
import { Touched } from './touched.ts';

const folded = (body: EventBody): FoldedEvent => ({
  event: makeEvent(body, { source: 'test', correlationId: 'test' }, new Date()),
  record: { subject: '', sequence: 1, storedAt: 0, pending: 0, text: '' },
});

test('holds whose events were folded: clients that are gone too, and mailings whose batches were completed', () => {
  const [client, mailing, completed] = [someClient(), someMailing(), newId()];
  const touched = new Touched();
  touched.add([
    folded({ type: 'ClientRemoved', data: { client, recentCommands: [] } }),
    folded({ type: 'MailingPaused', data: { mailing, recentCommands: [] } }),
    folded({ type: 'BatchCompleted', data: { mailingId: completed, batch: 1, messages: 2 } }),
  ]);
  expect([...touched.clients]).toEqual([client.id]);
  expect([...touched.mailings]).toEqual([mailing.id, completed]);
  expect(touched.areTooMany).toBe(false);
});
