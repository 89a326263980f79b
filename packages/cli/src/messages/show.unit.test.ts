import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { AT, CLIENT, MAILING, runCli, withHerald } from '../../test/run-cli.ts';

const history = [
  { at: AT, event: 'MessagesQueued', attempt: null, statusCode: null, durationMs: null, error: null },
  {
    ...{ at: AT, event: 'MessageSent', position: 19, actor: 'anna', correlationId: 'c-1' },
    ...{ attempt: 2, statusCode: 200, durationMs: 12.6, error: null },
  },
];
const message = {
  ...{ id: 17, mailingId: MAILING, clientId: CLIENT, status: 'sent', createdAt: AT, endedAt: AT },
  ...{ attempts: 2, error: null, history },
};

test('a message is shown with every attempt, and what the provider answered', async () => {
  const herald = await withHerald({ 'GET /messages/17': [{ body: message }] });
  const run = await runCli(['messages', 'show', '17'], herald);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(/^status +sent$/m);
  expect(run.stdout).toMatch(/^2026-11-23 10:00:00Z +MessagesQueued +– +– +– +– +–$/m);
  expect(run.stdout).toMatch(/^2026-11-23 10:00:00Z +MessageSent +19 +anna +2 +200 +13$/m);
  expect((await runCli(['messages', 'show', '17', '--json'], herald)).documents()).toEqual([message]);
});

test('one that is not there is refused, and what is no id is wrong use', async () => {
  const herald = await withHerald({
    'GET /messages/18': [problem(404, 'message-not-found', 'There is no such message')],
  });
  expect((await runCli(['messages', 'show', '18'], herald)).code).toBe(1);
  for (const id of ['0', MAILING, '1e3'])
    expect((await runCli(['messages', 'show', id], herald)).code).toBe(2);
});
