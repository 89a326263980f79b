import { expect, test } from 'vitest';
import { type Delivery, ParkedBatches } from './parked-batches.ts';

const SHUT = { from: '09:00', to: '10:00' };
const OTHER = { from: '09:00', to: '11:00' };

function scene() {
  let now = 1_000_000;
  const delays: number[] = [];
  const delivery: Delivery = {
    mailingId: 'm',
    number: 3,
    work: { giveBack: (delayMs) => delays.push(delayMs) },
  };
  const parked = new ParkedBatches(() => now);
  return { delays, delivery, parked, pass: (milliseconds: number) => (now += milliseconds) };
}

const waiting = { delayMs: 60_000, closed: { window: SHUT, opensInMs: 300_000 } };

test('remembers how long the window of a batch stays closed, over several deliveries', () => {
  const { parked, delivery, delays, pass } = scene();
  parked.park(delivery, waiting);
  expect(delays).toEqual([60_000]);
  pass(61_000);
  expect(parked.closedForMs('m', 3, SHUT)).toBe(239_000);
  pass(240_000);
  expect(parked.closedForMs('m', 3, SHUT)).toBe(0);
});

test('reads a batch anew after ten minutes, and where the window is another, or nothing is known', () => {
  const { parked, delivery, pass } = scene();
  expect(parked.closedForMs('m', 3, SHUT)).toBe(0);
  parked.park(delivery, { delayMs: 60_000, closed: { window: SHUT, opensInMs: 3_600_000 } });
  expect(parked.closedForMs('m', 3, SHUT)).toBe(600_000);
  expect(parked.closedForMs('m', 3, OTHER)).toBe(0);
  expect(parked.closedForMs('m', 3, null)).toBe(0);
  expect(parked.closedForMs('m', 4, SHUT)).toBe(0);
  pass(600_000);
  expect(parked.closedForMs('m', 3, SHUT)).toBe(0);
});

test.each([
  ['an expired mailing', { status: 'expired', localWindow: SHUT }, [0]],
  ['a deleted one', { status: 'deleted', localWindow: SHUT }, [0]],
  ['another window', { status: 'running', localWindow: OTHER }, [0]],
  ['no window any more', { status: 'running', localWindow: null }, [0]],
  ['another text, say', { status: 'running', localWindow: SHUT }, []],
  ['a pause', { status: 'paused', localWindow: SHUT }, []],
] as const)('%s calls a batch that waits for a window back, or does not: %j', (_what, change, after) => {
  const { parked, delivery, delays } = scene();
  parked.park(delivery, waiting);
  parked.callBack({ id: 'm', ...change });
  parked.callBack({ id: 'm', ...change });
  expect(delays).toEqual([60_000, ...after]);
});

test('a back-off is only cut short by the end', () => {
  const { parked, delivery, delays } = scene();
  parked.park(delivery, { delayMs: 15_000, closed: null });
  parked.callBack({ id: 'm', status: 'running', localWindow: OTHER });
  expect(delays).toEqual([15_000]);
  parked.callBack({ id: 'm', status: 'deleted', localWindow: null });
  expect(delays).toEqual([15_000, 0]);
});

test('what another sender may hold by now is left alone', () => {
  const { parked, delivery, delays, pass } = scene();
  const over = { id: 'm', status: 'deleted', localWindow: SHUT } as const;
  parked.park(delivery, waiting);
  pass(59_500);
  parked.callBack(over);
  pass(60_000);
  parked.callBack(over);
  expect(delays).toEqual([60_000]);
  parked.park(delivery, waiting);
  parked.disown('m');
  parked.callBack(over);
  expect(delays).toEqual([60_000, 60_000]);
});
