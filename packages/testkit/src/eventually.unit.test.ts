import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';

test('returns what the condition returns once it holds', async () => {
  let calls = 0;
  const result = await eventually(() => (++calls < 3 ? undefined : calls), { everyMs: 1 });
  expect(result).toBe(3);
});

test('takes zero and the empty text for results', async () => {
  expect(await eventually(() => 0)).toBe(0);
  expect(await eventually(() => '')).toBe('');
});

test('a condition that throws does not hold yet', async () => {
  let calls = 0;
  await eventually(
    () => {
      if (++calls < 2) throw new Error('not yet');
      return true;
    },
    { everyMs: 1 },
  );
  expect(calls).toBe(2);
});

test('gives up in time and says what it waited for and why', async () => {
  const waiting = eventually(
    () => {
      throw new Error('still 3 queued');
    },
    { timeoutMs: 20, everyMs: 1, message: 'all are sent' },
  );
  await expect(waiting).rejects.toThrow('Waited 20 ms in vain until all are sent (still 3 queued).');
});
