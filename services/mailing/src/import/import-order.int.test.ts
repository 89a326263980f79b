import {
  type CommandResult,
  commandSubjects,
  type EventData,
  type ImportRow,
  importChunkId,
  newId,
} from '@herald/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useMailing } from '../../test/mailing-fixture.ts';

type Client = EventData<'ClientRegistered'>['client'];
type OnDuplicate = 'reject' | 'update';

describe('the chunks of an import at two mailing services', () => {
  const fixture = useMailing(2);
  let block = 0;

  const send = (
    importId: string,
    chunk: number,
    rows: ImportRow[],
    onDuplicate: OnDuplicate,
    after?: number[],
  ): Promise<CommandResult> =>
    fixture.command(
      {
        type: 'ImportClients',
        data: { importId, chunk, onDuplicate, rows, ...(after === undefined ? {} : { after }) },
      },
      { id: importChunkId(importId, chunk), subject: commandSubjects.import(importId), waitMs: 25_000 },
    );

  /** The last state of each client, by its phone. */
  const clients = async (): Promise<Map<string, Client>> => {
    const found = new Map<string, Client>();
    for (const event of await fixture.log.events('events.*.entity.client.*')) {
      if (event.type === 'ClientRegistered' || event.type === 'ClientChanged') {
        found.set(event.data.client.phone, event.data.client);
      }
    }
    return found;
  };

  it('wait for those that they are to be carried out after, whatever comes first', async () => {
    const importId = newId();
    const phone = '79280000001';
    const row = (line: number, tag: string): ImportRow => ({ line, phone, timezone: 'UTC', tag });
    const second = send(importId, 1, [row(502, 'last')], 'update', [0]);
    const third = send(importId, 2, [row(1_002, 'very last')], 'update', [1]);
    const first = send(importId, 0, [row(2, 'first')], 'update');
    const outcomes = (await Promise.all([first, second, third])).map(({ outcome }) => outcome);
    expect(outcomes).toMatchObject([
      { summary: { registered: 1, updated: 0 } },
      { summary: { registered: 0, updated: 1 } },
      { summary: { registered: 0, updated: 1 } },
    ]);
    expect((await clients()).get(phone)).toMatchObject({ tag: 'very last' });
  });

  it('lead to what the rows one after another lead to, in whatever order they are delivered', async () => {
    const rows = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 });
    const files = fc.array(rows, { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom<OnDuplicate>('reject', 'update'), async (file, onDuplicate) => {
        block += 1;
        const importId = newId();
        const expected = new Map<string, string>();
        let line = 1;
        const chunks = file.map((phones) =>
          phones.map((digit): ImportRow => {
            line += 1;
            const phone = `7929${String(block).padStart(6, '0')}${digit}`;
            if (onDuplicate === 'update' || !expected.has(phone)) expected.set(phone, `line ${line}`);
            return { line, phone, timezone: 'UTC', tag: `line ${line}` };
          }),
        );
        // The last one first: each but the first chunk waits for the one before it.
        const sent = chunks.map((chunk, index) => ({ chunk, index })).reverse();
        await Promise.all(
          sent.map(({ chunk, index }) =>
            send(importId, index, chunk, onDuplicate, index === 0 ? undefined : [index - 1]),
          ),
        );
        const found = await clients();
        for (const [phone, tag] of expected) expect(found.get(phone)?.tag).toBe(tag);
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
