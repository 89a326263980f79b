import { setTimeout as sleep } from 'node:timers/promises';
import { commandSubjects, type EventData, eventSubjects, type Mailing, newId } from '@herald/contracts';
import type { Runtime } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, MailingFixture, mailingOf } from '../../test/mailing-fixture.ts';

/** Each zone has a batch of its own, so that a few clients make several pages. */
const ZONES = Intl.supportedValuesOf('timeZone')
  .filter((zone) => zone.includes('/') && !zone.startsWith('Etc/'))
  .slice(0, 200);

describe('a plan of several pages', () => {
  let fixture: MailingFixture;
  let service: Runtime;
  beforeEach(async () => {
    fixture = await MailingFixture.start();
    fixture.planAtOnce = 0;
    service = await fixture.startService();
    const rows = ZONES.map((timezone, index) => ({
      line: index + 1,
      phone: `7916${String(index).padStart(7, '0')}`,
      timezone,
      tag: '',
    }));
    const importId = newId();
    const data = { importId, chunk: 0, onDuplicate: 'reject' as const, rows };
    const imported = await fixture.command(
      { type: 'ImportClients', data },
      { subject: commandSubjects.import(importId) },
    );
    expect(imported.outcome).toMatchObject({ kind: 'imported', summary: { rejected: 0 } });
  });
  afterEach(() => fixture.stop());

  const create = async (): Promise<Mailing> => mailingOf(await fixture.createMailing());
  const batchesOf = async (mailing: Mailing): Promise<Array<EventData<'MessagesQueued'>>> => {
    const events = await fixture.log.events(eventSubjects.queuedOf(mailing.id));
    return events
      .flatMap((event) => (event.type === 'MessagesQueued' ? [event.data] : []))
      .toSorted((one, other) => one.batch - other.batch);
  };
  const resolved = (mailing: Mailing) =>
    eventually(
      async () => {
        const last = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
        return last?.type === 'MailingAudienceResolved' && last.data.mailing.audience;
      },
      { timeoutMs: 60_000 },
    );
  const places = (batches: Array<EventData<'MessagesQueued'>>) =>
    batches.map(({ batch, timezone, firstMessageId, clientIds }) => [
      batch,
      timezone,
      firstMessageId,
      clientIds.length,
    ]);
  /** One client in each zone: the zones in order, from a message id on. */
  const inOrder = (zones: readonly string[], firstMessageId: number) =>
    zones.toSorted().map((zone, batch) => [batch, zone, firstMessageId + batch, 1]);

  it('is tried again where a page fails, and holds up neither the fold nor other plans', async () => {
    const [before = '', after = ''] = ZONES;
    const [stuck, other] = [await create(), await create()];
    const late = clientOf(await fixture.register('79990000000', { timezone: before }));
    const allow = await fixture.model.refuseBatches([stuck.id], 0);
    await fixture.log.startMailing(stuck);
    await fixture.change(late.id, { timezone: after });
    await fixture.log.startMailing(other);
    const all = ZONES.length + 1;
    expect(await resolved(other)).toEqual({ messages: all, batches: ZONES.length });
    expect(await batchesOf(stuck)).toEqual([]);
    await fixture.remove(late.id);
    await allow();
    expect(await resolved(stuck)).toEqual({ messages: all, batches: ZONES.length });
    const zoneOf = (batches: Array<EventData<'MessagesQueued'>>) =>
      batches.find(({ clientIds }) => clientIds.includes(late.id))?.timezone;
    expect(zoneOf(await batchesOf(stuck))).toBe(before);
    expect(zoneOf(await batchesOf(other))).toBe(after);
    const [first, second] = [(await batchesOf(stuck))[0], (await batchesOf(other))[0]];
    expect((second?.firstMessageId ?? 0) - (first?.firstMessageId ?? 0)).toBe(all);
  });

  /*
   * Each of the five needs longer to fail than it rests thereafter. There are places for four. So whenever one fails,
   * another one of them is ready to take its place.
   */
  it('gets its turn behind five that fail again and again', async () => {
    await fixture.register('79990000000', { tag: 'one' });
    const createOfOne = async () => mailingOf(await fixture.createMailing({ filter: { tags: ['one'] } }));
    const stuck: Mailing[] = [];
    for (let index = 0; index < 5; index += 1) stuck.push(await createOfOne());
    const sixth = await createOfOne();
    const allow = await fixture.model.refuseBatches(
      stuck.map(({ id }) => id),
      0,
      1,
    );
    for (const mailing of [...stuck, sixth]) await fixture.log.startMailing(mailing);
    expect(await resolved(sixth)).toEqual({ messages: 1, batches: 1 });
    await allow();
    for (const mailing of stuck) expect(await resolved(mailing)).toEqual({ messages: 1, batches: 1 });
  });

  it('has what was kept of clients deleted when it is cut, and small plans leave that alone', async () => {
    await fixture.stopService(service);
    fixture.planAtOnce = 1;
    service = await fixture.startService('mailing-second');
    await fixture.register('79990000000', { tag: 'one' });
    const planSmall = async (): Promise<void> => {
      const small = mailingOf(await fixture.createMailing({ filter: { tags: ['one'] } }));
      await fixture.log.startMailing(small);
      expect(await resolved(small)).toEqual({ messages: 1, batches: 1 });
    };
    // By then the service has deleted what it found at its start.
    await planSmall();
    await fixture.model.keepClientBefore();
    await planSmall();
    await planSmall();
    expect(await fixture.model.clientsBefore()).toBe(1);
    await fixture.log.startMailing(await create());
    await eventually(async () => (await fixture.model.clientsBefore()) === 0);
  });

  it('has what was kept of clients deleted also when it is published only at a later try', async () => {
    const allow = await fixture.model.hideLastBatch();
    const mailing = await create();
    await fixture.log.startMailing(mailing);
    // All that there is up to the page of the last batch: that one is tried now, and is not whole.
    await eventually(async () => (await batchesOf(mailing)).length === 192, { timeoutMs: 60_000 });
    await fixture.model.keepClientBefore();
    await sleep(200);
    await allow();
    expect(await resolved(mailing)).toEqual({ messages: ZONES.length, batches: ZONES.length });
    await eventually(async () => (await fixture.model.clientsBefore()) === 0);
  });

  it.each(['with its database', 'and the log is folded anew'])(
    'is gone on with when its instance stops between two pages, another one begins %s',
    async (how) => {
      const mailing = await create();
      const allow = await fixture.model.refuseBatches([mailing.id], 100);
      await fixture.log.startMailing(mailing);
      await eventually(async () => (await batchesOf(mailing)).length >= 64, { timeoutMs: 60_000 });
      const begun = await batchesOf(mailing);
      expect(begun.length).toBeLessThanOrEqual(100);
      await fixture.register('79990000000', { timezone: ZONES[0] as string });
      const { clientIds } = begun[0] as EventData<'MessagesQueued'>;
      await fixture.remove(clientIds[0] as string);
      await fixture.stopService(service);
      if (how === 'with its database') await allow();
      else await fixture.model.dropSchema();
      service = await fixture.startService('mailing-second');
      expect(await resolved(mailing)).toEqual({ messages: ZONES.length, batches: ZONES.length });
      const batches = await batchesOf(mailing);
      expect(places(batches)).toEqual(inOrder(ZONES, 1));
      expect(batches.slice(0, begun.length)).toEqual(begun);
      const next = await create();
      await fixture.log.startMailing(next);
      expect(await resolved(next)).toEqual({ messages: ZONES.length, batches: ZONES.length });
      expect(places(await batchesOf(next))).toEqual(inOrder(ZONES, ZONES.length + 1));
    },
  );
});
