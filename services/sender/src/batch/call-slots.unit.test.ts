import { expect, test } from 'vitest';
import { CallSlots } from './call-slots.ts';

function slotsOf(total: number, mostOpen: number) {
  let freed = 0;
  const slots = new CallSlots({
    total,
    mostOpen,
    onFree: () => {
      freed += 1;
    },
  });
  return { slots, freed: () => freed };
}

test('no more calls are under way at once than there are slots', () => {
  const { slots } = slotsOf(2, 4);
  slots.callBegins();
  expect(slots.mayBegin).toBe(true);
  slots.callBegins();
  expect(slots.mayBegin).toBe(false);
  slots.callEnded();
  expect(slots.mayBegin).toBe(true);
});

test('calls under way and outcomes that are not recorded are bounded together', () => {
  const { slots } = slotsOf(2, 3);
  for (let call = 0; call < 2; call += 1) slots.callBegins();
  for (let call = 0; call < 2; call += 1) slots.callEnded();
  slots.callBegins();
  expect([slots.calls, slots.open, slots.mayBegin]).toEqual([1, 3, false]);
  slots.settled(2);
  expect([slots.calls, slots.open, slots.mayBegin]).toEqual([1, 1, true]);
});

test('who waits for a slot is told when one may be free, and not otherwise', () => {
  const { slots, freed } = slotsOf(1, 1);
  slots.callBegins();
  slots.settled(0);
  expect(freed()).toBe(0);
  slots.callEnded();
  slots.settled(1);
  expect(freed()).toBe(2);
});
