import { afterEach, expect, test } from 'vitest';
import { MOST_MESSAGES, Undecidables } from './undecidables.ts';

const opened: Undecidables[] = [];
afterEach(() => {
  for (const undecidables of opened.splice(0)) undecidables.close();
});

function begin() {
  let now = 0;
  const seen = { stops: 0, setAside: 0, deferral: 0, broken: 0 };
  const undecidables = new Undecidables({
    log: { error: () => {}, fatal: () => {} },
    metrics: {
      undecided: (isSetAside) => {
        if (isSetAside) seen.setAside += 1;
        else seen.deferral += 1;
      },
      batchBroke: () => {
        seen.broken += 1;
      },
    },
    now: () => now,
    onStopped: () => {
      seen.stops += 1;
    },
  });
  opened.push(undecidables);
  const message = (messageId: number, isSetAside = false): void =>
    undecidables.message('m', 0, { messageId, clientId: 'c', stage: 'turn', reason: 'Error', isSetAside });
  return { undecidables, seen, message, pass: (milliseconds: number) => (now += milliseconds) };
}

test('twenty different messages within a minute stop the intake, once and for good', () => {
  const { undecidables, seen, message, pass } = begin();
  for (let id = 1; id < MOST_MESSAGES; id += 1) message(id);
  expect(undecidables.isStopped).toBe(false);
  message(MOST_MESSAGES);
  message(MOST_MESSAGES + 1);
  pass(3_600_000);
  expect(undecidables.isStopped).toBe(true);
  expect(seen).toEqual({ stops: 1, setAside: 0, deferral: MOST_MESSAGES + 1, broken: 0 });
});

test('messages of which the log holds something that cannot be read are said, and stop nothing', () => {
  const { undecidables, seen } = begin();
  for (let messageId = 1; messageId <= 10 * MOST_MESSAGES; messageId += 1)
    undecidables.message('m', 0, {
      messageId,
      clientId: 'c',
      stage: 'stored',
      reason: 'x',
      isSetAside: false,
    });
  expect([undecidables.isStopped, seen.deferral]).toEqual([false, 10 * MOST_MESSAGES]);
});

test('the same messages again and again, or one after another over minutes, do not', () => {
  const { undecidables, seen, message, pass } = begin();
  for (let look = 0; look < 10; look += 1) for (let id = 1; id < MOST_MESSAGES; id += 1) message(id, true);
  pass(60_001);
  for (let id = 100; id < 200; id += 1) {
    message(id);
    pass(4_000);
  }
  expect([undecidables.isStopped, seen.stops]).toEqual([false, 0]);
});

test('batches that break are said, and stop nothing', () => {
  const { undecidables, seen } = begin();
  for (let batch = 0; batch < 100; batch += 1) undecidables.batch('m', batch, 'Error');
  expect([undecidables.isStopped, seen.broken]).toEqual([false, 100]);
});
