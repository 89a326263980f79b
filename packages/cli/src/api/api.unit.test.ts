import { expect, test } from 'vitest';
import { cutOff, problem } from '../../test/fake-herald.ts';
import { CLIENT, MAILING, runCli, someClient, someMailing, withHerald } from '../../test/run-cli.ts';

const ADD = ['clients', 'add', '--phone', '79161234567', '--timezone', 'UTC', '--json'];
const COMMAND = 'c0ffee00-0000-4000-8000-000000000000';

test('a write of which nobody knows what became is repeated under the same key', async () => {
  const herald = await withHerald({
    'POST /clients': [
      cutOff,
      problem(503, 'acceptance-unknown', 'Nobody knows whether it was accepted'),
      { status: 201, body: someClient() },
    ],
  });
  const run = await runCli(ADD, herald);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.documents()).toEqual([someClient()]);
  const keys = herald.requests.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(new Set(herald.requests.map(({ body }) => body)).size).toBe(1);
});

test('who still does not know is told how to find out', async () => {
  const herald = await withHerald({ 'POST /clients': [cutOff] });
  const run = await runCli([...ADD, '--key', 'mine'], herald);
  expect(run.code).toBe(3);
  expect(herald.requests).toHaveLength(5);
  expect(run.documents()).toMatchObject([{ error: { code: 'not-reachable' } }]);
  expect(run.stdout).toContain('the same command with --key mine finds out');
}, 20_000);

test('what was not accepted is not repeated', async () => {
  const herald = await withHerald({
    'POST /clients': [problem(503, 'log-full', 'The log has no room')],
    [`POST /mailings/${MAILING}/pause`]: [problem(503, 'broker-unavailable', 'The broker is not reachable')],
  });
  expect(await runCli(ADD, herald)).toMatchObject({ code: 1 });
  expect(await runCli(['mailing', 'pause', MAILING], herald)).toMatchObject({ code: 3 });
  expect(herald.requests).toHaveLength(2);
});

test('a write that is answered 202 is waited for', async () => {
  const herald = await withHerald({
    'POST /clients': [{ status: 202, body: { id: COMMAND, status: 'accepted' } }],
    [`GET /commands/${COMMAND}`]: [
      { body: { id: COMMAND, status: 'accepted' } },
      { body: { id: COMMAND, status: 'done', result: someClient() } },
    ],
  });
  const run = await runCli(ADD, herald);
  expect(run.code).toBe(0);
  expect(run.documents()).toEqual([someClient()]);
});

test('a write that is refused after it was accepted is refused', async () => {
  const herald = await withHerald({
    'POST /clients': [{ status: 202, body: { id: COMMAND, status: 'accepted' } }],
    [`GET /commands/${COMMAND}`]: [
      {
        body: {
          ...{ id: COMMAND, status: 'refused' },
          result: problem(409, 'phone-taken', 'Another client has this phone', { clientId: CLIENT }).body,
        },
      },
    ],
  });
  const run = await runCli(ADD, herald);
  expect(run.code).toBe(1);
  expect(run.documents()).toMatchObject([{ error: { code: 'phone-taken', clientId: CLIENT } }]);
});

test('a removal has no body, also when it was accepted first', async () => {
  const herald = await withHerald({
    [`DELETE /clients/${CLIENT}`]: [
      { status: 204 },
      { status: 202, body: { id: COMMAND, status: 'accepted' } },
    ],
    [`GET /commands/${COMMAND}`]: [{ body: { id: COMMAND, status: 'done', result: null } }],
  });
  for (let round = 0; round < 2; round += 1) {
    const run = await runCli(['clients', 'remove', CLIENT, '--json'], herald);
    expect(run.code).toBe(0);
    expect(run.documents()).toEqual([{ id: CLIENT, removed: true }]);
  }
});

test('relative times are told as the moments they were, for who has to repeat a creation', async () => {
  const herald = await withHerald({ 'POST /mailings': [cutOff] });
  const run = await runCli(['mailing', 'create', '--text', 'x', '--end', '+1h', '--everyone'], herald);
  expect(run.code).toBe(3);
  const { startAt, endAt } = JSON.parse(herald.requests[0]?.body ?? '');
  expect(run.stderr).toContain(`--start ${startAt} --end ${endAt} finds out`);
}, 20_000);

test('a mailing is created with all that was said', async () => {
  const herald = await withHerald({ 'POST /mailings': [{ status: 201, body: someMailing() }] });
  const given = [
    ...['--text', 'Hello', '--name', 'Autumn', '--tag', 'vip', '--tag', 'news', '--operator-code', '916'],
    ...['--start', '2026-12-01T09:00:00+03:00', '--end', '2026-12-02T09:00:00Z', '--window', '09:00-21:00'],
    ...['--rate-limit', '0.5', '--priority', '9', '--key', 'autumn'],
  ];
  const run = await runCli(['mailing', 'create', ...given], herald);
  expect(run.code).toBe(0);
  expect(herald.requests[0]?.headers['idempotency-key']).toBe('autumn');
  expect(JSON.parse(herald.requests[0]?.body ?? '')).toEqual({
    ...{ text: 'Hello', name: 'Autumn', filter: { tags: ['vip', 'news'], operatorCodes: ['916'] } },
    ...{ startAt: '2026-12-01T09:00:00+03:00', endAt: '2026-12-02T09:00:00Z' },
    ...{ localWindow: { from: '09:00', to: '21:00' }, rateLimit: 0.5, priority: 9 },
  });
});

test.each([
  [['--text', 'x'], /Say who is addressed/],
  [['--text', 'x', '--everyone', '--tag', 'a'], /excludes --tag/],
  [['--everyone'], /Say what is sent/],
  [['--everyone', '--text-file', '/nowhere/text'], /no such file/],
  [['--everyone', '--text', 'x', '--text-file', 'y'], /cannot be used with/],
])('a mailing with %j is wrong use', async (given, sentence) => {
  const run = await runCli(['mailing', 'create', '--end', '+1h', ...given]);
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(sentence);
});
