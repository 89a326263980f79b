import type { Client, Mailing } from '@herald/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import type { Problem } from './support/rest.ts';
import { collectAll, type ImportResult, newPhone, type Page, Scenario } from './support/scenario.ts';

const times = <Result>(count: number, act: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

describe('the directory of clients', () => {
  let herald: Herald;
  beforeAll(async () => {
    // Two, because commands are then carried out in an order of chance.
    herald = await Herald.start({ args: ['--scale', 'mailing=2'] });
  });
  afterAll(async () => {
    await herald.stop();
  });

  const listed = (tag: string) => collectAll<Client>(herald, `/clients?tag=${tag}&limit=1000`);
  const untilListed = (tag: string, count: number) =>
    expect.poll(async () => (await listed(tag)).length, { timeout: 10_000 }).toBe(count);
  const importText = (type: string, text: string, query = '') =>
    herald.api.expect<ImportResult>('POST', `/clients/import${query}`, {
      body: text,
      headers: { 'content-type': type },
    });

  it('registers, reads, changes and removes a client', async () => {
    const { tag } = new Scenario(herald);
    const phone = newPhone('916');
    const made = await herald.api.call<Client>('POST', '/clients', {
      body: { phone, timezone: 'Europe/Moscow', tag },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      phone,
      operatorCode: '916',
      tag,
      timezone: 'Europe/Moscow',
      version: 1,
    });
    const path = `/clients/${made.body.id}`;
    expect(made.headers.location).toBe(`/api/v1${path}`);
    expect(await herald.api.get(path)).toEqual(made.body);
    const changed = await herald.api.expect('PATCH', path, { body: { timezone: '+03:00' } });
    expect(changed).toMatchObject({ timezone: '+03:00', version: 2 });
    expect((await herald.api.call('DELETE', path)).status).toBe(204);
    expect((await herald.api.call('GET', path)).status).toBe(404);
    await untilListed(tag, 0);
    const again = { phone, timezone: 'UTC', tag };
    const reused = await expect
      .poll(() => herald.api.call<Client>('POST', '/clients', { body: again }), { timeout: 10_000 })
      .toMatchObject({ status: 201 });
    expect(reused).not.toBe(made.body.id);
  });

  it('makes one client of 50 equal requests at once under one key, and answers all of them alike', async () => {
    const { tag } = new Scenario(herald);
    const call = {
      body: { phone: newPhone(), timezone: 'UTC', tag },
      headers: { 'idempotency-key': `key-of-${tag}` },
    };
    const answers = await times(50, () => herald.api.call<Client>('POST', '/clients', call));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => `${headers.location} ${headers.etag}`)).size).toBe(1);
    await untilListed(tag, 1);
    const otherBody = { ...call, body: { ...call.body, timezone: '+01:00' } };
    expect(await herald.api.call('POST', '/clients', otherBody)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
  });

  it('gives a phone that 30 race for to one of them, and tells the others to whom', async () => {
    const { tag } = new Scenario(herald);
    const body = { phone: newPhone(), timezone: 'UTC', tag };
    const answers = await times(30, () => herald.api.call<Client & Problem>('POST', '/clients', { body }));
    const winners = answers.filter(({ status }) => status === 201);
    const losers = answers.filter(({ status }) => status === 409);
    expect([winners.length, losers.length]).toEqual([1, 29]);
    expect(new Set(losers.map((loser) => `${loser.body.code} ${loser.body.clientId}`))).toEqual(
      new Set([`phone-taken ${winners[0]?.body.id}`]),
    );
    await untilListed(tag, 1);
  });

  it('carries out 20 racing changes of one client, every one of them', async () => {
    const { id } = await new Scenario(herald).registerOne();
    const answers = await times(20, (index) =>
      herald.api.call<Client>('PATCH', `/clients/${id}`, { body: { tag: `change-${index}` } }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    const versions = answers.map(({ body }) => body.version).sort((one, other) => one - other);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
    const last = answers.find(({ body }) => body.version === 21);
    expect(await herald.api.get(`/clients/${id}`)).toEqual(last?.body);
  });

  it('imports CSV, says which lines are bad, and lets them stop nothing', async () => {
    const { tag } = new Scenario(herald);
    const [first, second, third] = [newPhone(), newPhone(), newPhone()];
    const lines = [
      'tag,timezone,phone',
      `${tag},Europe/Moscow,${first}`,
      `${tag},Nowhere/Land,${newPhone()}`,
      `${tag},UTC,12345`,
      `${tag},UTC,${second}`,
      `${tag},UTC,${first}`,
      `${tag},+05:30,${third}`,
    ];
    const result = await importText('text/csv', lines.join('\r\n'));
    expect(result).toMatchObject({ received: 6, registered: 3, updated: 0, rejected: 3 });
    expect(result.errors.map(({ line }) => line)).toEqual([3, 4, 6]);
    await untilListed(tag, 3);
    expect((await listed(tag)).map(({ phone }) => phone).sort()).toEqual([first, second, third].sort());
  });

  it('imports NDJSON, and updates who is there already when told to', async () => {
    const { tag } = new Scenario(herald);
    const phones = [newPhone(), newPhone()];
    const lines = phones.map((phone) => JSON.stringify({ phone, timezone: 'UTC', tag: `${tag}-old` }));
    const type = 'application/x-ndjson';
    const before = await importText(type, [...lines, '{"phone": 1}', 'no json'].join('\n'));
    expect(before).toMatchObject({ received: 4, registered: 2, updated: 0, rejected: 2 });
    expect(before.errors.map(({ line }) => line)).toEqual([3, 4]);
    const changed = lines.join('\n').replaceAll('-old', '');
    const rejected = await importText(type, changed);
    expect(rejected).toMatchObject({ received: 2, registered: 0, updated: 0, rejected: 2 });
    const updated = await importText(type, changed, '?onDuplicate=update');
    expect(updated).toMatchObject({ received: 2, registered: 0, updated: 2, rejected: 0 });
    await untilListed(tag, 2);
    await untilListed(`${tag}-old`, 0);
  });

  it('keeps the last row of a phone, or the first, also where others lie between them', async () => {
    const { tag } = new Scenario(herald);
    const others = Array.from({ length: 499 }, () => `${newPhone('901')},UTC,${tag}-others`);
    for (const [query, kept] of [
      ['?onDuplicate=update', 'last'],
      ['?onDuplicate=reject', 'first'],
    ] as const) {
      await times(4, async (index) => {
        const phone = newPhone();
        const row = (which: string): string => `${phone},UTC,${tag}-${kept}-${index}-${which}`;
        const lines = ['phone,timezone,tag', row('first'), ...others, row('last')];
        const result = await importText('text/csv', lines.join('\n'), query);
        expect(result.received).toBe(501);
        await untilListed(`${tag}-${kept}-${index}-${kept}`, 1);
        await untilListed(`${tag}-${kept}-${index}-${kept === 'last' ? 'first' : 'last'}`, 0);
      });
    }
  });

  it('lists in pages that hold everyone exactly once', async () => {
    const scenario = new Scenario(herald);
    const phones = await scenario.registerMany(1_234);
    await untilListed(scenario.tag, 1_234);
    const paged = await collectAll<Client>(herald, `/clients?tag=${scenario.tag}&limit=100`);
    expect(paged.map(({ phone }) => phone).sort()).toEqual([...phones].sort());
    const first = await herald.api.get<Page<Client>>(`/clients?tag=${scenario.tag}`);
    expect(first.items).toHaveLength(100);
    expect(Date.parse(first.asOf)).not.toBeNaN();
    const byPhone = await herald.api.get<Page<Client>>(`/clients?phone=${phones[7]}`);
    expect(byPhone).toMatchObject({ items: [{ phone: phones[7] }], nextCursor: null });
    expect((await herald.api.call('GET', '/clients?cursor=nonsense')).status).toBe(422);
  });

  it('lists mailings in pages, by status as well', async () => {
    const scenario = new Scenario(herald);
    const startAt = new Date(Date.now() + 1_800_000).toISOString();
    const made = await times(25, () => scenario.createMailing({ startAt }));
    const ids = new Set(made.map(({ id }) => id));
    const own = async () => {
      const all = await collectAll<Mailing>(herald, '/mailings?status=scheduled&limit=10');
      return all.filter(({ id }) => ids.has(id)).length;
    };
    await expect.poll(own, { timeout: 10_000 }).toBe(25);
    const running = await collectAll<Mailing>(herald, '/mailings?status=running&limit=10');
    expect(running.filter(({ id }) => ids.has(id))).toEqual([]);
  });
});
