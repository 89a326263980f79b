import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Client, deriveId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { reportMeasurement } from './support/measurement.ts';
import { Rest } from './support/rest.ts';
import { collectAll, type ImportResult, newPhone, Scenario } from './support/scenario.ts';

type Answered = ImportResult & { readonly id: string; readonly dryRun?: true };
type Import = ImportResult & {
  readonly id: string;
  readonly state: 'running' | 'completed' | 'stopped' | 'interrupted';
  readonly rejectedOmitted: number;
  readonly endedAt: string | null;
};

const MOST_MEMORY_MIB = 200;
const CSV = { 'content-type': 'text/csv' };

describe('an import as a resource', () => {
  let herald: Herald;
  let other: Rest;
  let origins: readonly string[];
  beforeAll(async () => {
    herald = await Herald.start({ args: ['--scale', 'gateway=2', '--scale', 'mailing=2'] });
    origins = (await herald.describe()).gateway;
    other = new Rest(origins[1] ?? '');
  });
  afterAll(async () => {
    await other.close();
    await herald.stop();
  });

  const post = (body: string, query = '', headers: Record<string, string> = {}) =>
    herald.api.call<Answered>('POST', `/clients/import${query}`, { body, headers: { ...CSV, ...headers } });
  const find = (id: string) => herald.api.call<Import>('GET', `/imports/${id}`);
  const rejectedOf = async (id: string, api = herald.api): Promise<string> =>
    api.get<string>(`/imports/${id}/rejected`);
  const listed = (tag: string) => collectAll<Client>(herald, `/clients?tag=${tag}&limit=1000`);
  const untilListed = (tag: string, count: number) =>
    expect.poll(async () => (await listed(tag)).length, { timeout: 20_000 }).toBe(count);

  /** A file with lines of every fate, over several chunks: its text, and what of it is rejected by line. */
  async function mixedFile(
    tag: string,
  ): Promise<{ readonly text: string; readonly bad: Map<number, string> }> {
    const known = [await new Scenario(herald).registerOne(), await new Scenario(herald).registerOne()];
    const lines = ['phone,timezone,tag'];
    const bad = new Map<number, string>();
    const add = (phone: string, zone = 'UTC', label = tag): void => {
      lines.push(`${phone},${zone},${label}`);
    };
    const first = newPhone();
    add(first);
    for (let index = 0; index < 1_700; index += 1) {
      add(newPhone());
      if (index % 100 !== 50) continue;
      bad.set(lines.length + 1, 'Mars');
      add(newPhone(), 'Mars');
    }
    for (const phone of [first, ...known.map((client) => client.phone)]) {
      bad.set(lines.length + 1, phone);
      add(phone);
    }
    bad.set(lines.length + 1, ',d');
    lines.push(`${newPhone()},UTC,${tag},d`);
    return { text: `${lines.join('\n')}\n`, bad };
  }

  it('is tried first, says what it then comes to, and its mended lines are imported', async () => {
    const { tag } = new Scenario(herald);
    const { text, bad } = await mixedFile(tag);
    const tried = await post(text, '?dryRun=true');
    expect(tried.body).toMatchObject({ dryRun: true, registered: 1_701, updated: 0, rejected: bad.size });
    expect(await listed(tag)).toEqual([]);

    const imported = await post(text);
    const { id, ...result } = imported.body;
    expect(imported.headers.location).toBe(`/api/v1/imports/${id}`);
    expect({ ...result, id: tried.body.id, dryRun: true }).toEqual(tried.body);
    expect(result.errors.map(({ line }) => line)).toEqual([...bad.keys()]);
    for (const api of [herald.api, other]) {
      expect(await api.get<Import>(`/imports/${id}`)).toMatchObject({ ...result, state: 'completed' });
    }
    await untilListed(tag, 1_701);

    const file = await rejectedOf(id);
    expect(await rejectedOf(tried.body.id, other)).toBe(file);
    const [header, ...rows] = file.trimEnd().split('\r\n');
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual([...bad.keys()]);
    for (const [index, value] of [...bad.values()].entries()) expect(rows[index]).toContain(value);
    const mended = rows.map((row) => {
      if (row.includes('Mars')) return row.replace('Mars', 'Europe/Moscow');
      if (row.includes(',d')) return `9,,${newPhone()},UTC,,${tag},`;
      return row.replace(/,7\d{10},/, `,${newPhone()},`);
    });
    const again = await post([header, ...mended].join('\n'));
    expect(again.body).toMatchObject({ received: bad.size, registered: bad.size, rejected: 0 });
    await untilListed(tag, 1_701 + bad.size);
  });

  it('is told as interrupted when its gateway is killed, and completed by its repeat at another one', async () => {
    const { tag } = new Scenario(herald);
    const { text, bad } = await mixedFile(tag);
    const key = { 'Idempotency-Key': randomUUID() };
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const upload = fetch(`${origins[1]}/api/v1/clients/import`, {
      method: 'POST',
      headers: { ...CSV, ...key },
      body: readable,
      duplex: 'half',
    });
    const broken = expect(upload).rejects.toThrow();
    const cut = Math.floor(text.length * 0.7);
    await writer.write(Buffer.from(text.slice(0, cut)));
    // Its id follows from its key; who sent it learns it by the answer, which it never gets.
    const id = deriveId('command', key['Idempotency-Key']);
    await eventually(async () => (await find(id)).body.registered >= 1_000, {
      message: 'two chunks are carried out',
    });
    expect((await find(id)).body).toMatchObject({ state: 'running', endedAt: null });
    await herald.killAndAwaitReturn('gateway-2');
    await broken;
    writer.abort().catch(() => {});
    const interrupted = await find(id);
    expect(interrupted.body).toMatchObject({ state: 'interrupted', registered: 1_000, endedAt: null });

    const completed = await post(text, '', key);
    expect(completed.body).toMatchObject({ id, registered: 1_701, rejected: bad.size });
    expect((await find(id)).body).toMatchObject({ state: 'completed', received: 1_701 + bad.size });
    const file = await rejectedOf(id);
    expect(
      file
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((row) => Number(row.split(',')[0])),
    ).toEqual([...bad.keys()]);
    expect((await post(text, '', key)).body).toEqual(completed.body);
    expect(await rejectedOf(id)).toBe(file);
    await untilListed(tag, 1_701);
  });

  it('is accepted while the mailing services stand still, and runs until they have carried it out', async () => {
    const { tag } = new Scenario(herald);
    const { text, bad } = await mixedFile(tag);
    const parts = ['mailing-1', 'mailing-2'];
    for (const part of parts) await herald.signal(part, 'SIGSTOP');
    try {
      const { status, body } = await post(text);
      expect(status).toBe(202);
      expect((await find(body.id)).status).toBe(503);
      expect((await herald.api.call('GET', `/imports/${body.id}/rejected`)).status).toBe(503);
      for (const part of parts) await herald.signal(part, 'SIGCONT');
      await expect
        .poll(async () => (await find(body.id)).body, { timeout: 60_000 })
        .toMatchObject({ state: 'completed', registered: 1_701, rejected: bad.size });
      const rows = (await rejectedOf(body.id)).trimEnd().split('\r\n');
      expect(rows).toHaveLength(bad.size + 1);
    } finally {
      for (const part of parts) await herald.signal(part, 'SIGCONT');
    }
  });

  it('gives tens of thousands of rejected lines without holding them', async () => {
    const count = 60_000;
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (next === 0) controller.enqueue(Buffer.from('phone,timezone,tag\n'));
        const lines = Array.from({ length: 500 }, () => {
          next += 1;
          return `7988${String(next).padStart(7, '0')},UTC,a\n${next},Nowhere/${'x'.repeat(40)},b\n`;
        });
        controller.enqueue(Buffer.from(lines.join('')));
        if (next >= count) controller.close();
      },
    });
    const answer = await fetch(`${origins[0]}/api/v1/clients/import?dryRun=true`, {
      method: 'POST',
      headers: CSV,
      body,
      duplex: 'half',
    });
    const { id, ...result } = (await answer.json()) as Answered;
    expect(result).toMatchObject({ received: 2 * count, registered: count, rejected: count });
    const file = await fetch(`${origins[0]}/api/v1/imports/${id}/rejected`);
    let lines = 0;
    let memory = 0;
    for await (const piece of file.body ?? []) {
      lines += Buffer.from(piece).toString('latin1').split('\n').length - 1;
      if (lines % 7 === 0) memory = Math.max(memory, await memoryOf('gateway-1'));
    }
    expect(lines).toBe(count + 1);
    reportMeasurement('60000 rejected lines, memory of the gateway, MiB', memory);
    expect(memory).toBeLessThan(MOST_MEMORY_MIB);
  });

  async function memoryOf(part: string): Promise<number> {
    const status = await readFile(`/proc/${await herald.pidOf(part)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
  }
});
