import { expect, test } from 'vitest';
import { nextAlarm } from './next-alarm.ts';

const startAt = '2026-03-01T12:00:00.000Z';
const endAt = '2026-03-01T18:00:00.000Z';

test('what is scheduled waits for its start', () => {
  expect(nextAlarm({ status: 'scheduled', startAt, endAt })).toStrictEqual(new Date(startAt));
});

test.each(['running', 'paused'] as const)('what is %s waits for its end', (status) => {
  expect(nextAlarm({ status, startAt, endAt })).toStrictEqual(new Date(endAt));
});

test.each(['completed', 'expired', 'deleted'] as const)('what is %s waits for nothing', (status) => {
  expect(nextAlarm({ status, startAt, endAt })).toBeNull();
});
