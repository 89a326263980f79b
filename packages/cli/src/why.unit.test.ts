import { expect, test } from 'vitest';
import { AT, CLIENT, MAILING, runCli, someClient, withHerald } from '../test/run-cli.ts';

const reasons = [
  { code: 'not-in-filter', text: 'The tag was none of them.', event: 'MailingStarted', position: 17, at: AT },
];
const explanation = { outcome: 'not-addressed', reasons };

test('it tells why a client did not get a mailing, with the event that says so', async () => {
  const herald = await withHerald({
    'GET /clients': [{ body: { items: [someClient()], nextCursor: null } }],
    [`GET /mailings/${MAILING}/clients/${CLIENT}`]: [{ body: explanation }],
  });
  const run = await runCli(['why', MAILING, '79161234567'], herald);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('outcome  not-addressed');
  expect(run.stdout).toContain(
    'The tag was none of them.  not-in-filter  MailingStarted        17  2026-11-23 10:00:00Z',
  );
  expect((await runCli(['why', MAILING, CLIENT, '--json'], herald)).documents()).toEqual([explanation]);
});

test('a phone that nobody has is refused', async () => {
  const herald = await withHerald({ 'GET /clients': [{ body: { items: [], nextCursor: null } }] });
  const run = await runCli(['why', MAILING, '79161234567', '--json'], herald);
  expect(run.code).toBe(1);
  expect(run.documents()).toMatchObject([{ error: { code: 'client-not-found' } }]);
});
