import { type EventBody, eventSubjects, type Mailing, newId } from '@herald/contracts';
import { eventually, someClient, someMailing } from '@herald/testkit';
import { expect, it } from 'vitest';
import { useMailing } from '../../test/mailing-fixture.ts';

/** More than a fold takes into one transaction, several times. */
const MANY = 4_000;

const fixture = useMailing(0);

/** As many events as change nothing. */
async function pad(): Promise<void> {
  const mailingId = newId();
  const body = (batch: number): EventBody => ({
    type: 'BatchCompleted',
    data: { mailingId, batch, messages: 1 },
  });
  const batches = Array.from({ length: MANY }, (_, batch) => batch);
  await Promise.all(
    batches.map((batch) => fixture.log.append(eventSubjects.batch(mailingId, batch), body(batch))),
  );
}

it('is settled though its last batch was completed, and it expired, while no mailing service was there', async () => {
  const client = someClient();
  const mailing = someMailing();
  const audience = { messages: 1, batches: 1 };
  const appendMailing = (type: 'MailingAudienceResolved' | 'MailingExpired', state: Mailing): Promise<void> =>
    fixture.log.append(eventSubjects.mailing(mailing.id), {
      type,
      data: { mailing: state, recentCommands: [] },
    });
  await fixture.log.append(eventSubjects.client(client.id), {
    type: 'ClientRegistered',
    data: { client, recentCommands: [] },
  });
  await fixture.log.startMailing(mailing);
  await pad();
  const startedAt = new Date().toISOString();
  const running: Mailing = { ...mailing, status: 'running', startedAt, audience };
  await appendMailing('MailingAudienceResolved', running);
  await fixture.log.append(eventSubjects.batch(mailing.id, 0), {
    type: 'BatchCompleted',
    data: { mailingId: mailing.id, batch: 0, messages: 1 },
  });
  await pad();
  await appendMailing('MailingExpired', { ...running, status: 'expired', endedAt: startedAt });
  await fixture.startService();
  const last = await eventually(async () => {
    const event = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
    return event?.type === 'MailingSettled' && event;
  });
  expect(last.data.mailing).toMatchObject({ status: 'expired', audience });
});
