import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { AT, CLIENT, MAILING, runCli, someClient, withHerald } from '../../test/run-cli.ts';

const PATCH = `PATCH /clients/${CLIENT}`;

test('a client is changed by its phone in what is named, and nothing else', async () => {
  const herald = await withHerald({
    'GET /clients': [{ body: { items: [someClient()], nextCursor: null } }],
    [PATCH]: [{ body: someClient({ tag: 'gold', version: 2 }) }],
  });
  const args = [
    'clients',
    'change',
    '79161234567',
    '--tag',
    'gold',
    '--timezone',
    'UTC',
    '--if-version',
    '1',
  ];
  const run = await runCli(args, herald);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(/^tag +gold$/m);
  const request = herald.requests.at(-1);
  expect(JSON.parse(request?.body ?? '')).toEqual({ tag: 'gold', timezone: 'UTC' });
  expect(request?.headers).toMatchObject({ 'if-match': '"1"', 'content-type': 'application/json' });
  expect(request?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
});

test('what is taken away is null, and an empty tag is one', async () => {
  const herald = await withHerald({ [PATCH]: [{ body: someClient() }] });
  for (const [options, body] of [
    [['--no-tag', '--no-operator-code'], { tag: null, operatorCode: null }],
    [['--tag', '', '--operator-code', '999'], { tag: '', operatorCode: '999' }],
  ] as const) {
    expect((await runCli(['clients', 'change', CLIENT, ...options, '--json'], herald)).code).toBe(0);
    expect(JSON.parse(herald.requests.at(-1)?.body ?? '')).toEqual(body);
  }
  expect(herald.requests.at(-1)?.headers).not.toHaveProperty('if-match');
});

test('nothing to change is wrong use, and another version is refused', async () => {
  expect((await runCli(['clients', 'change', CLIENT])).code).toBe(2);
  expect((await runCli(['clients', 'change', CLIENT, '--tag', 'a', '--if-version', 'x'])).code).toBe(2);
  const herald = await withHerald({
    [PATCH]: [problem(412, 'version-mismatch', 'It has another version')],
  });
  const run = await runCli(['clients', 'change', CLIENT, '--tag', 'a', '--if-version', '1'], herald);
  expect(run).toMatchObject({ code: 1, stderr: 'herald: It has another version (version-mismatch).\n' });
});

test('what a client was sent is listed by mailing, page by page', async () => {
  const message = {
    ...{ id: 7, mailingId: MAILING, clientId: CLIENT, status: 'failed', createdAt: AT, endedAt: AT },
    ...{ attempts: 3, error: 'refused\nby it' },
  };
  const herald = await withHerald({
    [`GET /clients/${CLIENT}/messages`]: [{ body: { items: [message], nextCursor: 'more' } }],
  });
  const run = await runCli(['clients', 'messages', CLIENT, '--limit', '1'], herald);
  expect(run.stdout).toMatch(new RegExp(`^ *7 +${MAILING} +failed +\\S+ \\S+ +3 +refused by it$`, 'm'));
  expect(run.stderr).toBe('There are more: --cursor more\n');
  expect(herald.requests[0]?.query).toEqual({ limit: '1' });
});
