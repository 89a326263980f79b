import { expect, test } from 'vitest';
import { Schedule } from './schedule.ts';

test('what is due happens in the order of its time, and of its entry', async () => {
  const schedule = new Schedule();
  const seen: string[] = [];
  const see = (delayMs: number, what: string): void =>
    schedule.after(delayMs, () => seen.push(`${what} at ${schedule.now}`));
  see(2, 'late');
  see(1, 'first');
  see(1, 'second');
  expect(await schedule.runUntil(1)).toBe(false);
  expect(seen).toEqual(['first at 1', 'second at 1']);
  expect(await schedule.runUntil(5)).toBe(true);
  expect(seen.at(-1)).toBe('late at 2');
});

test('promises that follow from an event are through before the next one, however long their chain is', async () => {
  const schedule = new Schedule();
  const seen: string[] = [];
  const values = async function* () {
    for (let value = 0; value < 100; value += 1) yield await Promise.resolve(value);
  };
  const work = async (what: string): Promise<void> => {
    for (let turn = 0; turn < 1_000; turn += 1) await Promise.all([null, Promise.resolve()]);
    for await (const _value of values());
    await Promise.race([Promise.resolve(), new Promise(() => {})]);
    seen.push(`${what} is through`);
  };
  for (const what of ['one', 'another']) {
    schedule.after(1, () => {
      schedule.touched();
      seen.push(`${what} begins`);
      void work(what);
    });
  }
  await schedule.runUntil(1);
  expect(seen).toEqual(['one begins', 'one is through', 'another begins', 'another is through']);
});
