import { EVENTS_STREAM, type ImportRow, importRejectedQuery, newId } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTables } from '../../test/mailing-database.ts';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';
import { importOf, type SentChunk } from '../../test/sent-import.ts';
import { forgetImports } from './forget-imports.ts';

describe('an import that is tried', () => {
  const fixture = useMailing(1);
  const send = (importId: string, chunk: SentChunk) => importOf(fixture, importId, chunk);
  const row = (line: number, phone: string, more: Partial<ImportRow> = {}): ImportRow => ({
    line,
    phone,
    timezone: 'UTC',
    ...more,
  });
  const eventsInLog = async (): Promise<number> =>
    (await fixture.tester.broker.manager.streams.info(EVENTS_STREAM)).state.messages;
  const linesOf = async (importId: string) =>
    (await ask(fixture.tester.broker, importRejectedQuery, { importId, after: null })).lines;

  it('writes nothing into the log and claims no phone', async () => {
    const before = await eventsInLog();
    const rows = [row(2, '79280000001'), row(3, '79280000002')];
    const { outcome } = await send(newId(), { chunk: 0, dryRun: true, rows });
    expect(outcome).toMatchObject({ summary: { registered: 2, rejected: 0 } });
    expect(await eventsInLog()).toBe(before);
    expect(await fixture.model.isReserved('79280000001')).toBe(false);
    clientOf(await fixture.register('79280000001'));
  });

  it.each(['reject', 'update'] as const)(
    'finds phones of the directory and of the file, to %s them',
    async (onDuplicate) => {
      const phone = `7928100000${onDuplicate === 'reject' ? 1 : 2}`;
      const known = clientOf(await fixture.register(`${phone.slice(0, -2)}1${phone.at(-1)}`));
      const importId = newId();
      const first = await send(importId, {
        chunk: 0,
        onDuplicate,
        dryRun: true,
        rows: [row(2, known.phone), row(3, phone), row(4, phone)],
      });
      // A file has any number of chunks between the two.
      const later = await send(importId, { chunk: 7, onDuplicate, dryRun: true, rows: [row(5_000, phone)] });
      const known3 = onDuplicate === 'update' ? { updated: 2, rejected: 0 } : { updated: 0, rejected: 2 };
      const known1 = onDuplicate === 'update' ? { updated: 1, rejected: 0 } : { updated: 0, rejected: 1 };
      expect(first.outcome).toMatchObject({ summary: { registered: 1, ...known3 } });
      expect(later.outcome).toMatchObject({ summary: { registered: 0, ...known1 } });
      expect((await fixture.log.events(`events.*.entity.client.${known.id}`)).length).toBe(1);
    },
  );

  it('is not disturbed by another one of the same phones', async () => {
    const rows = [row(2, '79280000005')];
    const outcomes = await Promise.all(
      [newId(), newId()].map(async (id) => (await send(id, { chunk: 0, dryRun: true, rows })).outcome),
    );
    expect(outcomes).toMatchObject([{ summary: { registered: 1 } }, { summary: { registered: 1 } }]);
  });

  it('says the same when its chunk comes again', async () => {
    const importId = newId();
    const chunk = { chunk: 0, dryRun: true, rows: [row(2, '79280000006'), row(3, '79280000006')] };
    const first = await send(importId, chunk);
    expect(first.outcome).toMatchObject({ summary: { registered: 1, rejected: 1 } });
    await fixture.model.forgetResult(first.commandId);
    expect(await send(importId, chunk)).toEqual(first);
  });

  it('leaves no phones behind when it is over, and keeps them until then', async () => {
    const importId = newId();
    await send(importId, { chunk: 0, dryRun: true, rows: [row(2, '79280000007')] });
    const database = openTables(fixture.database.url);
    try {
      await forgetImports(database);
      expect(await fixture.model.phonesOf(importId)).toBe(1);
      const end = { chunks: 2, received: 2, badLines: 0, stopped: false };
      await send(importId, { chunk: 1, dryRun: true, rows: [row(3, '79280000008')], end });
      await forgetImports(database);
      expect(await fixture.model.phonesOf(importId)).toBe(0);
    } finally {
      await database.destroy();
    }
  });

  it('comes to exactly what the import then comes to, of any rows', async () => {
    let rounds = 0;
    const file = fc.record({
      onDuplicate: fc.constantFrom('reject' as const, 'update' as const),
      known: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
      chunks: fc.array(
        fc.array(fc.record({ phone: fc.nat(9), timezone: fc.constantFrom('UTC', 'Europe/Moscow', 'IST') }), {
          maxLength: 8,
        }),
        { minLength: 1, maxLength: 4 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ onDuplicate, known, chunks }) => {
        rounds += 1;
        const phone = (index: number): string => `7929${String(rounds).padStart(5, '0')}0${index}`;
        for (const index of known) clientOf(await fixture.register(phone(index)));
        const come = async (dryRun: boolean) => {
          const importId = newId();
          const outcomes = [];
          for (const [chunk, rows] of chunks.entries()) {
            const numbered = rows.map(({ timezone, ...one }, index) =>
              row(chunk * 10 + index + 2, phone(one.phone), { timezone }),
            );
            outcomes.push((await send(importId, { chunk, onDuplicate, dryRun, rows: numbered })).outcome);
          }
          return { outcomes, lines: await linesOf(importId) };
        };
        const tried = await come(true);
        expect(tried).toEqual(await come(false));
      }),
      { numRuns: 25 },
    );
  });
});
