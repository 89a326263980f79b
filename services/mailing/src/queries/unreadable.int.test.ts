import {
  eventSubjects,
  mailingsQuery,
  newId,
  openMailingsQuery,
  pendingMailingsQuery,
} from '@herald/contracts';
import { ask, type Runtime } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MailingFixture, mailingOf } from '../../test/mailing-fixture.ts';

let fixture: MailingFixture;
let service: Runtime;
beforeAll(async () => {
  fixture = await MailingFixture.start();
  service = await fixture.startService();
});
afterAll(() => fixture.stop());

const create = async () => mailingOf(await fixture.createMailing({ filter: { everyone: true } }));

it('answers about all mailings but one whose row cannot be read', async () => {
  const [one, spoilt, other] = [await create(), await create(), await create()];
  const { broker } = service;
  const listed = async () => {
    const { items } = await ask(broker, mailingsQuery, { limit: 10, after: null });
    return items.map(({ id }) => id);
  };
  await eventually(async () => (await listed()).length === 3);
  await fixture.model.spoilMailing(spoilt.id);
  expect(await listed()).toEqual([other.id, one.id]);
  const pending = await ask(broker, pendingMailingsQuery, { after: null });
  expect(pending.mailings.map(({ id }) => id)).toEqual([one.id, other.id].toSorted());
  const first = await ask(broker, mailingsQuery, { limit: 2, after: null });
  expect(first.items.map(({ id }) => id)).toEqual([other.id]);
  const second = await ask(broker, mailingsQuery, { limit: 2, after: first.next });
  expect(second.items.map(({ id }) => id)).toEqual([one.id]);
});

it('settles a mailing beside many whose last event cannot be read', async () => {
  const unreadable = Array.from({ length: 12 }, () => `00000000-0000-4000-8000-${newId().slice(24)}`);
  for (const id of unreadable) {
    const mailing = { ...(await create()), id };
    await fixture.log.startMailing(mailing);
    await fixture.tester.writer.publish(eventSubjects.mailing(id), '{"of": "a newer release"}');
  }
  const mailing = await create();
  await fixture.log.startMailing(mailing);
  await eventually(async () => {
    const events = await fixture.log.events(eventSubjects.mailing(mailing.id));
    return events.at(-1)?.type === 'MailingSettled';
  });
  // The log says so before the model does.
  await eventually(async () => {
    const { mailings } = await ask(service.broker, openMailingsQuery, { after: null });
    return mailings.length <= unreadable.length;
  });
  const { mailings } = await ask(service.broker, openMailingsQuery, { after: null });
  expect(mailings.map(({ id }) => id).sort()).toEqual(unreadable.toSorted());
});
