import {
  commandSubjects,
  type EventData,
  eventSubjects,
  type Mailing,
  newId,
  openMailingsQuery,
  previewQuery,
  recipientsQuery,
} from '@herald/contracts';
import { ask, type Runtime } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, MailingFixture, mailingOf } from '../../test/mailing-fixture.ts';

type Batch = EventData<'MessagesQueued'>;

describe('the plan of a mailing', () => {
  let fixture: MailingFixture;
  let service: Runtime;
  beforeAll(async () => {
    fixture = await MailingFixture.start();
    service = await fixture.startService();
    const rows = Array.from({ length: 500 }, (_, index) => ({
      line: index + 1,
      phone: `79${index % 2 === 0 ? '16' : '26'}${String(index).padStart(7, '0')}`,
      timezone: index < 300 ? 'Europe/Moscow' : 'Asia/Omsk',
      tag: index % 5 === 0 ? 'gold' : 'plain',
    }));
    const importId = newId();
    const data = { importId, chunk: 0, onDuplicate: 'reject' as const, rows };
    await fixture.command({ type: 'ImportClients', data }, { subject: commandSubjects.import(importId) });
  });
  afterAll(() => fixture.stop());

  const batchesOf = async (mailing: Mailing): Promise<Batch[]> => {
    const events = await fixture.log.events(eventSubjects.queuedOf(mailing.id));
    return events.flatMap((event) => (event.type === 'MessagesQueued' ? [event.data] : []));
  };
  const lastOf = async (mailing: Mailing) =>
    (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
  const resolved = (mailing: Mailing) =>
    eventually(async () => {
      const last = await lastOf(mailing);
      return last?.type === 'MailingAudienceResolved' && last.data.mailing.audience;
    });
  const run = async (filter: Mailing['filter']): Promise<Mailing> => {
    const mailing = mailingOf(await fixture.createMailing({ filter }));
    await fixture.log.startMailing(mailing);
    return mailing;
  };

  it('holds everyone once, in batches of one time zone with consecutive ids', async () => {
    const mailing = await run({ everyone: true });
    expect(await resolved(mailing)).toEqual({ messages: 500, batches: 3 });
    const batches = await batchesOf(mailing);
    expect(batches.map((batch) => [batch.timezone, batch.clientIds.length])).toEqual([
      ['Asia/Omsk', 200],
      ['Europe/Moscow', 250],
      ['Europe/Moscow', 50],
    ]);
    const ids = batches.flatMap((batch) => batch.clientIds.map((_, index) => batch.firstMessageId + index));
    expect(new Set(ids).size).toBe(500);
    expect(Math.max(...ids) - Math.min(...ids)).toBe(499);
    expect(new Set(batches.flatMap((batch) => batch.clientIds)).size).toBe(500);
  });

  it('holds those whose code and tag both fit, as the preview says', async () => {
    const filter = { operatorCodes: ['916'], tags: ['gold'] };
    const preview = await ask(service.broker, previewQuery, { filter });
    expect(preview).toMatchObject({ clients: 50, byTimezone: { 'Europe/Moscow': 30, 'Asia/Omsk': 20 } });
    const mailing = await run(filter);
    expect(await resolved(mailing)).toEqual({ messages: 50, batches: 2 });
  });

  it('is settled at once when nobody fits', async () => {
    const mailing = await run({ tags: ['nobody'] });
    const last = await eventually(async () => {
      const event = await lastOf(mailing);
      return event?.type === 'MailingSettled' && event;
    });
    expect(last.data.mailing).toMatchObject({ status: 'completed', audience: { messages: 0, batches: 0 } });
  });

  it('holds the clients as of the start: not the one that came behind it', async () => {
    const mailing = mailingOf(await fixture.createMailing({ filter: { tags: ['late'] } }));
    const early = clientOf(await fixture.register('79300000001', { tag: 'late' }));
    await fixture.log.startMailing(mailing);
    await fixture.register('79300000002', { tag: 'late' });
    expect(await resolved(mailing)).toEqual({ messages: 1, batches: 1 });
    expect((await batchesOf(mailing)).map((batch) => batch.clientIds)).toEqual([[early.id]]);
    const { recipients } = await ask(service.broker, recipientsQuery, { clientIds: [early.id, newId()] });
    expect(recipients).toEqual([{ id: early.id, phone: '79300000001', timezone: 'Europe/Moscow' }]);
  });

  it('is settled when its last batch is completed, and open until then', async () => {
    const mailing = await run({ tags: ['gold'] });
    const { batches } = await resolved(mailing);
    const isOpen = async () => {
      const { mailings } = await ask(service.broker, openMailingsQuery, { after: null });
      return mailings.some(({ id }) => id === mailing.id);
    };
    for (let batch = 0; batch < batches; batch += 1) {
      expect(await isOpen()).toBe(true);
      const body = { type: 'BatchCompleted' as const, data: { mailingId: mailing.id, batch, messages: 1 } };
      await fixture.log.append(eventSubjects.batch(mailing.id, batch), body);
    }
    await eventually(async () => (await lastOf(mailing))?.type === 'MailingSettled');
    await eventually(async () => !(await isOpen()));
    expect((await lastOf(mailing))?.data).toMatchObject({ mailing: { status: 'completed' } });
  });

  it('is the same again when the database was lost and the log is folded anew', async () => {
    const mailing = await run({ operatorCodes: ['926'] });
    await resolved(mailing);
    const before = await fixture.log.events(eventSubjects.queuedOf(mailing.id));
    await fixture.stopService(service);
    await fixture.model.dropSchema();
    service = await fixture.startService('mailing-anew');
    const again = await run({ operatorCodes: ['926'] });
    await resolved(again);
    expect(await fixture.log.events(eventSubjects.queuedOf(mailing.id))).toEqual(before);
    const ids = (batches: Batch[]) => batches.map((batch) => batch.firstMessageId);
    expect(Math.min(...ids(await batchesOf(again)))).toBeGreaterThan(
      Math.max(...ids(await batchesOf(mailing))),
    );
  });

  it('is published by another instance when the first one stops', async () => {
    const second = await fixture.startService('mailing-second');
    await fixture.stopService(service);
    const mailing = await run({ tags: ['gold'] });
    expect(await resolved(mailing)).toEqual({ messages: 100, batches: 2 });
    service = second;
  });
});
