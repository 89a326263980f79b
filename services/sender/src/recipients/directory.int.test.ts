import { newId, recipientsQuery } from '@herald/contracts';
import { createRuntime, type Runtime, serveQuery } from '@herald/service-kit';
import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { steadyClock } from '../steady-clock.ts';
import { askRecipients, Directory } from './directory.ts';

let nats: TestNats;
let asker: Runtime;
let answerer: Runtime;
let asked: number[];
let answers: boolean;

beforeAll(async () => {
  nats = await startTestNats();
  asker = await createRuntime({ service: 'sender', natsUrl: nats.url, logLevel: 'silent' });
  answerer = await createRuntime({ service: 'mailing', natsUrl: nats.url, logLevel: 'silent' });
  serveQuery(answerer.broker, answerer.log, recipientsQuery, async ({ clientIds }) => {
    asked.push(clientIds.length);
    if (!answers) throw new Error('the directory is away');
    return { recipients: clientIds.map((id) => ({ id, phone: '79160000000', timezone: 'UTC' })) };
  });
  await answerer.broker.connection.flush();
});

beforeEach(() => {
  asked = [];
  answers = true;
});

afterAll(async () => {
  await asker?.stop();
  await answerer?.stop();
  await nats?.stop();
});

const directory = (): Directory =>
  new Directory({
    ask: askRecipients(asker.broker),
    clock: steadyClock,
    random: Math.random,
    onRested: () => {},
  });
const clientsOf = (count: number): string[] => Array.from({ length: count }, () => newId());

test('small batches that come at once are asked for together, and each learns of its clients', async () => {
  const batches = Array.from({ length: 20 }, () => clientsOf(5));
  const core = directory();
  const found = await Promise.all(batches.map((clientIds) => core.resolve(clientIds)));
  for (const [index, clientIds] of batches.entries()) {
    expect(clientIds.every((id) => found[index]?.has(id))).toBe(true);
  }
  expect(asked).toEqual([5, 5, 90]);
  core.close();
});

test('no question is larger than the largest batch', async () => {
  const core = directory();
  await Promise.all([250, 200, 250, 100, 100, 100].map((count) => core.resolve(clientsOf(count))));
  expect(asked.toSorted((a, b) => a - b)).toEqual([100, 200, 200, 250, 250]);
  core.close();
});

test('when nobody answers all that wait are told so, and no further question is asked for a while', async () => {
  answers = false;
  const core = directory();
  const found = await Promise.all(Array.from({ length: 10 }, () => core.resolve(clientsOf(1))));
  expect(found).toEqual(Array.from({ length: 10 }, () => null));
  expect(asked.length).toBeLessThanOrEqual(3);
  expect(core.restLeftMs).toBeGreaterThan(0);
  expect(await core.resolve(clientsOf(1))).toBeNull();
  expect(asked.length).toBeLessThanOrEqual(3);
  core.close();
});
