import { setTimeout as sleep } from 'node:timers/promises';
import { commandSubjects, type EventData, eventSubjects, type Mailing, newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, MailingFixture, mailingOf } from '../../test/mailing-fixture.ts';
import { Rebuilds } from '../../test/rebuilds.ts';

/** Each zone has a batch of its own, so that a few clients make several pages. */
const ZONES = Intl.supportedValuesOf('timeZone')
  .filter((zone) => zone.includes('/') && !zone.startsWith('Etc/'))
  .slice(0, 200);

describe('while the directory is rebuilt', () => {
  let fixture: MailingFixture;
  let rebuilds: Rebuilds;
  beforeEach(async () => {
    fixture = await MailingFixture.start();
    fixture.planAtOnce = 0;
    rebuilds = new Rebuilds(fixture);
    for (const instance of ['mailing-1', 'mailing-2']) await fixture.startService(instance);
  });
  afterEach(() => fixture.stop());

  const batchesOf = async (mailing: Mailing): Promise<Array<EventData<'MessagesQueued'>>> => {
    const events = await fixture.log.events(eventSubjects.queuedOf(mailing.id));
    return events.flatMap((event) => (event.type === 'MessagesQueued' ? [event.data] : []));
  };
  const resolved = (mailing: Mailing) =>
    eventually(
      async () => {
        const last = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
        return last !== undefined && 'mailing' in last.data && last.data.mailing.audience;
      },
      { timeoutMs: 60_000 },
    );
  const importZones = async (zones: readonly string[]): Promise<void> => {
    const rows = zones.map((timezone, index) => ({
      line: index + 1,
      phone: `7916${String(index).padStart(7, '0')}`,
      timezone,
      tag: '',
    }));
    const importId = newId();
    const data = { importId, chunk: 0, onDuplicate: 'reject' as const, rows };
    await fixture.command({ type: 'ImportClients', data }, { subject: commandSubjects.import(importId) });
  };

  it('writes and answers go on', async () => {
    const known = clientOf(await fixture.register('79870000000'));
    await eventually(async () => (await fixture.listed(known.phone)).length === 1);
    const stopping = new AbortController();
    const seen = { written: 0, read: 0, longestMs: 0 };
    const write = async (writer: number): Promise<void> => {
      for (let number = 0; !stopping.signal.aborted; number += 1) {
        const begin = performance.now();
        const phone = `798${writer}${String(number).padStart(7, '0')}`;
        const client = clientOf(await fixture.register(phone, { tag: 'meanwhile' }));
        clientOf(await fixture.change(client.id, { tag: `tag ${number}` }));
        seen.longestMs = Math.max(seen.longestMs, performance.now() - begin);
        seen.written += 1;
      }
    };
    const read = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        expect(await fixture.listed(known.phone)).toEqual([known]);
        seen.read += 1;
        await sleep(5);
      }
    };
    const traffic = Promise.all([write(0), write(1), read()]);
    // What fails there is met here, not unheard.
    traffic.catch(() => undefined);
    for (let rebuild = 0; rebuild < 4; rebuild += 1)
      expect(await rebuilds.run()).toMatchObject({ differencesFound: 0, differences: [] });
    const during = { ...seen };
    stopping.abort();
    await traffic;
    expect(during.written).toBeGreaterThan(4);
    expect(during.read).toBeGreaterThan(4);
    expect(seen.longestMs).toBeLessThan(3_000);
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0 });
  });

  it('a plan that is being published goes on as it was: no batch changes, nobody is planned twice', async () => {
    await importZones(ZONES);
    const mailing = mailingOf(await fixture.createMailing());
    const allow = await fixture.model.refuseBatches([mailing.id], 100);
    await fixture.log.startMailing(mailing);
    await eventually(async () => (await batchesOf(mailing)).length >= 64, { timeoutMs: 60_000 });
    // It is about to be told from who was there at the start.
    const gone = (await batchesOf(mailing))[0]?.clientIds[0] ?? '';
    await fixture.remove(gone);
    clientOf(await fixture.register('79990000000', { timezone: ZONES[0] as string }));
    const begun = await batchesOf(mailing);
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0, differences: [] });
    await allow().catch(() => undefined);
    expect(await resolved(mailing)).toEqual({ messages: ZONES.length, batches: ZONES.length });
    const batches = (await batchesOf(mailing)).toSorted((one, other) => one.batch - other.batch);
    expect(batches).toEqual(expect.arrayContaining(begun));
    expect(batches.map(({ timezone, firstMessageId }) => [timezone, firstMessageId])).toEqual(
      ZONES.toSorted().map((zone, index) => [zone, 1 + index]),
    );
    const next = mailingOf(await fixture.createMailing());
    await fixture.log.startMailing(next);
    await resolved(next);
    expect((await batchesOf(next)).every(({ firstMessageId }) => firstMessageId > ZONES.length)).toBe(true);
  });

  it('mailings that start are planned, each once, however many rebuilds there are', async () => {
    await importZones(ZONES.slice(0, 40));
    const mailings: Mailing[] = [];
    const stopping = new AbortController();
    const start = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const mailing = mailingOf(await fixture.createMailing());
        await fixture.log.startMailing(mailing);
        mailings.push(mailing);
        // Not more than are planned meanwhile.
        await sleep(100);
      }
    };
    const starting = start();
    starting.catch(() => undefined);
    for (let rebuild = 0; rebuild < 5; rebuild += 1)
      expect(await rebuilds.run()).toMatchObject({ differencesFound: 0, differences: [] });
    stopping.abort();
    await starting;
    const ids: number[] = [];
    for (const mailing of mailings) {
      expect(await resolved(mailing)).toEqual({ messages: 40, batches: 40 });
      const batches = await batchesOf(mailing);
      expect(new Set(batches.flatMap(({ clientIds }) => clientIds)).size).toBe(40);
      ids.push(...batches.map(({ firstMessageId }) => firstMessageId));
    }
    expect(new Set(ids).size).toBe(40 * mailings.length);
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0 });
  });
});
