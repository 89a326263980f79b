import {
  type CommandResult,
  clientsQuery,
  commandSubjects,
  type ImportRow,
  importQuery,
  newId,
} from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { describe, expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';

describe('an import', () => {
  const fixture = useMailing(1);

  const row = (line: number, phone: string, tag?: string): ImportRow => ({
    line,
    phone,
    timezone: 'UTC',
    ...(tag === undefined ? {} : { tag }),
  });

  const send = (
    rows: ImportRow[],
    more: { id?: string; importId?: string; chunk?: number; onDuplicate?: 'reject' | 'update' } = {},
  ): Promise<CommandResult> => {
    const { importId = newId(), chunk = 0, onDuplicate = 'reject' } = more;
    return fixture.command(
      { type: 'ImportClients', data: { importId, chunk, onDuplicate, rows } },
      { subject: commandSubjects.import(importId), ...(more.id === undefined ? {} : { id: more.id }) },
    );
  };

  it('registers 500 clients at once', async () => {
    const rows = Array.from({ length: 500 }, (_, index) =>
      row(index + 2, `7926${String(index).padStart(7, '0')}`),
    );
    const { outcome } = await send(rows);
    expect(outcome).toEqual({
      kind: 'imported',
      summary: { registered: 500, updated: 0, rejected: 0, errors: [] },
    });
    expect(await fixture.log.events('events.*.entity.client.*')).toHaveLength(500);
  });

  it('rejects phones that are known or stand twice, by their lines, and takes the others', async () => {
    const known = clientOf(await fixture.register('79270000001'));
    const { outcome } = await send([row(2, known.phone), row(3, '79270000002'), row(4, '79270000002')]);
    expect(outcome).toEqual({
      kind: 'imported',
      summary: {
        registered: 1,
        updated: 0,
        rejected: 2,
        errors: [
          { line: 2, message: 'phone: is in the directory already' },
          { line: 4, message: 'phone: is in the directory already' },
        ],
      },
    });
  });

  it('changes known clients where that was asked for, in the order of the lines', async () => {
    const known = clientOf(await fixture.register('79270000003'));
    const rows = [row(2, known.phone, 'first'), row(3, '79270000004', 'a'), row(4, '79270000004', 'b')];
    const { outcome } = await send(rows, { onDuplicate: 'update' });
    expect(outcome).toMatchObject({ summary: { registered: 1, updated: 2, rejected: 0 } });
    const events = await fixture.log.events(`events.*.entity.client.${known.id}`);
    expect(events.at(-1)).toMatchObject({
      type: 'ClientChanged',
      data: { client: { tag: 'first', version: 2 } },
    });
    const changed = (await fixture.log.events('events.*.entity.client.*')).findLast(
      (event) => event.type === 'ClientChanged' && event.data.client.phone === '79270000004',
    );
    expect(changed).toMatchObject({ data: { client: { tag: 'b', version: 2 } } });
  });

  it('does nothing twice when a chunk comes again, and sums what the chunks did', async () => {
    const importId = newId();
    const id = newId();
    const rows = [row(2, '79270000010'), row(3, '79270000010')];
    const first = await send(rows, { importId, id });
    expect(await send(rows, { importId, id })).toEqual(first);
    await send([row(4, '79270000011')], { importId, chunk: 1 });
    expect(await ask(fixture.tester.broker, importQuery, { importId })).toEqual({
      chunksDone: 2,
      summary: {
        registered: 2,
        updated: 0,
        rejected: 1,
        errors: [{ line: 3, message: 'phone: is in the directory already' }],
      },
    });
  });

  it('finds its own clients again when it died before the result was stored', async () => {
    const importId = newId();
    const id = newId();
    const rows = [row(2, '79270000020'), row(3, '79270000021')];
    const first = await send(rows, { importId, id });
    await fixture.model.forgetResult(id);
    expect(await send(rows, { importId, id })).toEqual(first);
    const events = await fixture.log.events('events.*.entity.client.*');
    const phones = events.flatMap((event) =>
      event.type === 'ClientRegistered' ? [event.data.client.phone] : [],
    );
    expect(phones.filter((phone) => phone === '79270000020')).toHaveLength(1);
  });

  it('undoes nothing that came after it when its chunk comes again', async () => {
    const known = clientOf(await fixture.register('79270000022'));
    const id = newId();
    const rows = [row(2, known.phone, 'a'), row(3, known.phone, 'b')];
    const first = await send(rows, { id, onDuplicate: 'update' });
    expect(first.outcome).toMatchObject({ summary: { updated: 2 } });
    const changed = clientOf(await fixture.change(known.id, { tag: 'by hand' }));
    await fixture.model.forgetResult(id);
    expect(await send(rows, { id, onDuplicate: 'update' })).toEqual(first);
    const last = (await fixture.log.events(`events.*.entity.client.${known.id}`)).at(-1);
    expect(last).toMatchObject({ data: { client: { tag: 'by hand', version: changed.version } } });
  });

  it('claims no phone for a row that no client can be', async () => {
    const bad = { ...row(2, '79270000023'), timezone: 'IST' };
    const { outcome } = await send([bad, row(3, '79270000024')]);
    expect(outcome).toMatchObject({
      summary: { registered: 1, rejected: 1, errors: [{ line: 2, message: 'timezone-invalid' }] },
    });
    clientOf(await fixture.register('79270000023'));
  });

  it('carries all chunks out that come at once, also those that find no room at first', async () => {
    const importId = newId();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, chunk) => {
        const phone = `792710000${String(chunk).padStart(2, '0')}`;
        return (await send([row(chunk + 2, phone)], { importId, chunk })).outcome;
      }),
    );
    expect(outcomes).toEqual(
      Array.from({ length: 20 }, () => ({
        kind: 'imported',
        summary: { registered: 1, updated: 0, rejected: 0, errors: [] },
      })),
    );
  });

  it('is slowed down where the directory is more than a second behind what it has appended', async () => {
    const release = await fixture.model.holdDirectory();
    try {
      await send([row(2, '79270000025')]);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const from = performance.now();
      const importId = newId();
      for (const phone of ['79270000026', '79270000027', '79270000028']) {
        await send([row(2, phone)], { importId });
      }
      expect(performance.now() - from).toBeGreaterThan(3_900);
    } finally {
      await release();
    }
    expect((await send([row(2, '79270000029')])).outcome).toMatchObject({ summary: { registered: 1 } });
  });

  it('locks no phone for ever when its chunk comes again after the clients were folded', async () => {
    const importId = newId();
    const id = newId();
    const phone = '79270000030';
    await send([row(2, phone)], { importId, id });
    const [client] = await eventually(async () => {
      const { items } = await ask(fixture.tester.broker, clientsQuery, { phone, limit: 1, after: null });
      return items.length === 1 && items;
    });
    await fixture.model.forgetResult(id);
    await send([row(2, phone)], { importId, id });
    await fixture.remove(client?.id ?? '');
    await eventually(async () => (await fixture.register(phone)).outcome.kind === 'client');
  });

  it('frees the phone again when its chunk comes again after the client was removed', async () => {
    const importId = newId();
    const id = newId();
    const phone = '79270000031';
    await send([row(2, phone)], { importId, id });
    const [client] = await eventually(async () => {
      const { items } = await ask(fixture.tester.broker, clientsQuery, { phone, limit: 1, after: null });
      return items.length === 1 && items;
    });
    await fixture.remove(client?.id ?? '');
    await eventually(async () => {
      const { items } = await ask(fixture.tester.broker, clientsQuery, { phone, limit: 1, after: null });
      return items.length === 0;
    });
    await fixture.model.forgetResult(id);
    await send([row(2, phone)], { importId, id });
    clientOf(await fixture.register(phone));
  });
});
