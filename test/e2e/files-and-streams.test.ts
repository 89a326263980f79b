import type { Message } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { collectAll, type ImportResult, inMs, newPhone, Scenario } from './support/scenario.ts';

/** What files and spreadsheets stumble over. */
const TAGS = [
  '',
  'a, "b"',
  '"quoted"',
  '=1+1',
  '+7',
  '-3',
  '@x',
  "it's",
  'a;b',
  'приве́т 🎉',
  'sep=;',
  'C:\\temp',
];

describe('what leaves the system as a file or a stream', () => {
  let herald: Herald;
  let api: string;
  beforeAll(async () => {
    herald = await Herald.start();
    const [gateway = ''] = (await herald.describe()).gateway;
    api = `${new URL(gateway).origin}/api/v1`;
  });
  afterAll(async () => {
    await herald.stop();
  });

  const fileOf = async (path: string): Promise<string> => {
    const answer = await fetch(`${api}${path}`);
    expect(answer.status, path).toBe(200);
    return answer.text();
  };
  const linesOf = async (path: string) =>
    (await fileOf(path))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  it.each(['csv', 'ndjson'])('an export of clients as %s imports again as it was', async (format) => {
    const operatorCode = format === 'csv' ? '981' : '982';
    const timezones = ['Europe/Moscow', '+03:00', 'UTC'];
    for (const [index, tag] of TAGS.entries()) {
      const body = { phone: newPhone(), timezone: timezones[index % 3], operatorCode, tag };
      await herald.api.expect('POST', '/clients', { body });
    }
    const path = `/clients/export?format=${format}&operatorCode=${operatorCode}`;
    const rows = (file: string) => file.split('\n').toSorted();
    const exported = await eventually(
      async () => {
        const file = await fileOf(path);
        return rows(file).filter((row) => row.includes(operatorCode)).length === TAGS.length && file;
      },
      { message: 'the directory shows them all' },
    );
    const clients = await collectAll<{ id: string }>(herald, `/clients?operatorCode=${operatorCode}`);
    for (const { id } of clients) await herald.api.expect('DELETE', `/clients/${id}`);
    await eventually(
      async () => (await collectAll<object>(herald, `/clients?operatorCode=${operatorCode}`)).length === 0,
      { message: 'all are removed' },
    );
    const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
    const result = await herald.api.expect<ImportResult>('POST', '/clients/import', {
      body: exported,
      headers: { 'content-type': type },
    });
    expect(result).toMatchObject({ registered: TAGS.length, rejected: 0, errors: [] });
    // The ids are others, and so is the order.
    await eventually(
      async () => {
        expect(rows(await fileOf(path))).toEqual(rows(exported));
        return true;
      },
      { message: 'the directory is as it was' },
    );
  });

  it('a mailing that is watched tells its course and its end, and files prove and list what was done', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(400);
    await herald.provider.behave({ latencyMs: 20 });
    const endAt = inMs(3_600_000);
    const { id } = await scenario.createMailing({ endAt, rateLimit: 400 });
    const answer = await fetch(`${api}/mailings/${id}/stream`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    // Ends by itself with the mailing.
    const blocks = (await answer.text()).split('\n\n').filter((block) => /^(id|event):/.test(block));
    const told = blocks.map((block) => JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'));
    const sent = told.slice(0, -1).map(({ counts }) => counts.sent);
    expect(sent).toEqual(sent.toSorted((a, b) => a - b));
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.at(-1)).toBe(400);
    expect(blocks.at(-1)).toMatch(/^event: end\n/);
    expect({ ...told.at(-2), asOf: null }).toEqual({ ...(await scenario.statistics(id)), asOf: null });

    const messages = (await linesOf(`/mailings/${id}/messages/export?format=ndjson`)) as Message[];
    expect(messages).toEqual(await scenario.messagesOf(id));
    expect((await fileOf(`/mailings/${id}/messages/export?status=failed`)).split('\r\n')).toHaveLength(2);

    const proof = await linesOf(`/mailings/${id}/deadline-proof`);
    const calls = proof.slice(0, -1);
    const journal = await scenario.journal();
    expect(proof.at(-1)).toMatchObject({ mailing: id, calls: journal.length, afterEnd: 0, unreadable: 0 });
    expect(calls.map(({ messageId }) => messageId).toSorted()).toEqual(
      journal.map(({ messageId }) => messageId).toSorted(),
    );
    const clients = new Map(messages.map((message) => [message.id, message.clientId]));
    for (const call of calls) {
      expect(call).toMatchObject({ clientId: clients.get(call.messageId), endAt });
      expect(call.marginMs).toBe(Date.parse(endAt) - Date.parse(call.startedAt));
    }
    await herald.provider.behaveWell();
  });

  it('an end that is brought forward holds from then on, and the proof tells which one held for which call', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(600);
    const { id, endAt: first } = await scenario.createMailing({ rateLimit: 60 });
    await scenario.untilProviderGot(20);
    const second = inMs(2_000);
    await herald.api.expect('PATCH', `/mailings/${id}`, { body: { endAt: second } });
    await scenario.untilStatus(id, 'expired');
    await scenario.untilAllEnded(id);
    const proof = await linesOf(`/mailings/${id}/deadline-proof`);
    const sums = proof.pop();
    expect(sums).toMatchObject({ calls: (await scenario.journal()).length, afterEnd: 0 });
    expect(sums.smallestMarginMs).toBeGreaterThan(0);
    const ends = new Set(proof.map(({ endAt }) => endAt));
    expect([...ends].toSorted()).toEqual([first, second].toSorted());
    for (const { startedAt } of proof) expect(Date.parse(startedAt)).toBeLessThan(Date.parse(second));
  });

  it('a stream outlives the statistics service', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(50);
    const { id } = await scenario.createMailing({ rateLimit: 10 });
    const stream = fetch(`${api}/mailings/${id}/stream`).then((answer) => answer.text());
    await scenario.untilProviderGot(5);
    await herald.killAndAwaitReturn('stats-1');
    const blocks = (await stream).split('\n\n').filter((block) => block !== '');
    expect(blocks.at(-1)).toMatch(/^event: end\n/);
    expect(blocks.at(-2)).toContain('"sent":50');
  });
});
