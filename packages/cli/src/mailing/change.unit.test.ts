import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cutOff } from '../../test/fake-herald.ts';
import { MAILING, runCli, someMailing, withFolder, withHerald } from '../../test/run-cli.ts';

const PATCH = `PATCH /mailings/${MAILING}`;
const change = ['mailing', 'change', MAILING];

test('a mailing is changed in what is named, and nothing else', async () => {
  const folder = await withFolder();
  await writeFile(join(folder, 'text'), 'Hello again\n');
  const herald = await withHerald({ [PATCH]: [{ body: someMailing({ version: 2 }) }] });
  for (const [options, body] of [
    [['--text-file', 'text', '--name', 'Winter'], { text: 'Hello again', name: 'Winter' }],
    [['--no-name', '--no-window', '--no-rate-limit'], { name: null, localWindow: null, rateLimit: null }],
    [['--window', '09:00-21:00', '--rate-limit', '2.5'], { localWindow: WINDOW, rateLimit: 2.5 }],
    [['--tag', 'a', '--tag', 'b', '--priority', '9'], { filter: { tags: ['a', 'b'] }, priority: 9 }],
    [['--everyone', '--start', AT], { filter: { everyone: true }, startAt: AT }],
  ] as const) {
    const run = await runCli([...change, ...options], { ...herald, directory: folder });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^version +2$/m);
    expect(JSON.parse(herald.requests.at(-1)?.body ?? '')).toEqual(body);
  }
});
const WINDOW = { from: '09:00', to: '21:00' };
const AT = '2026-11-23T10:00:00+03:00';

test('a change whose answer is lost is made again under its key, as it was', async () => {
  const herald = await withHerald({ [PATCH]: [cutOff, { body: someMailing() }] });
  const run = await runCli([...change, '--end', '+2h', '--if-version', '3', '--json'], herald);
  expect(run.code).toBe(0);
  expect(run.documents()).toEqual([someMailing()]);
  const [first, second] = herald.requests;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(second?.headers['if-match']).toBe('"3"');
});

test.each([
  [[]],
  [['--text', 'a', '--text-file', 'b']],
  [['--everyone', '--tag', 'a']],
  [['--end', 'tomorrow']],
])('%j is wrong use', async (options) => {
  expect((await runCli([...change, ...options])).code).toBe(2);
});
