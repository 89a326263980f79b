import { COMMANDS_STREAM, commandSubjects, newId } from '@herald/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LogFixture, startLog } from '../test/log-fixture.ts';
import { MessageDeleter } from './message-deleter.ts';

let log: LogFixture;
let deleter: MessageDeleter;
beforeAll(async () => {
  log = await startLog();
  deleter = new MessageDeleter(log.broker, COMMANDS_STREAM);
});
afterAll(() => log.stop());

async function publish(count: number): Promise<number[]> {
  const publishing = Array.from({ length: count }, () =>
    log.writer.publish(commandSubjects.client(newId()), 'a command'),
  );
  const stored = await Promise.all(publishing);
  return stored.map((result) => (result.kind === 'stored' ? result.sequence : 0));
}

const left = async (): Promise<number> =>
  (await log.broker.manager.streams.info(COMMANDS_STREAM)).state.messages;

test('deletes what it is told to, and tells how many were gone already', async () => {
  const [first = 0, ...others] = await publish(51);
  const before = await left();
  expect(await deleter.delete(others, 5_000)).toBe(0);
  expect(await left()).toBe(before - 50);
  expect(await deleter.delete([first, ...others.slice(0, 3)], 5_000)).toBe(3);
  expect(await left()).toBe(before - 51);
  expect(await deleter.delete([], 5_000)).toBe(0);
});

test('counts what the server refuses as not deleted', async () => {
  const elsewhere = new MessageDeleter(log.broker, 'NOWHERE');
  expect(await elsewhere.delete([1, 2], 5_000)).toBe(2);
  elsewhere.close();
});

test('ends what is under way when it is closed', async () => {
  const closed = new MessageDeleter(log.broker, COMMANDS_STREAM);
  const sequences = await publish(2);
  const deleting = closed.delete(sequences, 60_000);
  const other = closed.delete([], 60_000);
  closed.close();
  expect(await Promise.all([deleting, other])).toEqual([2, 0]);
});
