import type { Mailing } from '@herald/contracts';
import { describe, expect, test } from 'vitest';
import {
  AT_END,
  aMailing,
  at,
  BEFORE,
  DURING,
  EARLIER,
  END,
  LAST_MOMENT,
  mailingState,
  START,
} from '../../test/states.ts';
import { audienceResolved, expiryDue, settlementDue, startDue } from './progress-mailing.ts';

const STATUSES = ['scheduled', 'running', 'paused', 'completed', 'expired', 'deleted'] as const;
const others = (...due: readonly Mailing['status'][]) => STATUSES.filter((status) => !due.includes(status));
const data = (before: Mailing, change: Partial<Mailing>) => ({
  mailing: { ...before, ...change },
  recentCommands: [EARLIER],
});

describe('the start', () => {
  test.each([at(START), DURING, LAST_MOMENT])('is due at %s', (now) => {
    expect(startDue(mailingState('scheduled'), now)).toStrictEqual({
      type: 'MailingStarted',
      data: data(aMailing('scheduled'), { status: 'running', startedAt: now.toISOString() }),
    });
  });

  test('is not due before its moment, nor from the end on', () => {
    for (const now of [BEFORE, new Date(Date.parse(START) - 1), AT_END]) {
      expect(startDue(mailingState('scheduled'), now)).toBeNull();
    }
  });

  test.each(others('scheduled'))('is not due for a mailing that is %s', (status) => {
    expect(startDue(mailingState(status), DURING)).toBeNull();
  });
});

describe('the end', () => {
  test.each(['running', 'paused'] as const)('of a %s mailing leaves its messages to settle', (status) => {
    expect(expiryDue(mailingState(status), AT_END)).toStrictEqual({
      type: 'MailingExpired',
      data: data(aMailing(status), { status: 'expired', endedAt: END, settledAt: null }),
    });
  });

  test('of a mailing that was never started settles it', () => {
    expect(expiryDue(mailingState('scheduled'), AT_END)).toStrictEqual({
      type: 'MailingExpired',
      data: data(aMailing('scheduled'), { status: 'expired', endedAt: END, settledAt: END }),
    });
  });

  test('is not due a millisecond early', () => {
    for (const status of STATUSES) expect(expiryDue(mailingState(status), LAST_MOMENT)).toBeNull();
  });

  test.each(others('scheduled', 'running', 'paused'))('is not due for a mailing that is %s', (status) => {
    expect(expiryDue(mailingState(status), AT_END)).toBeNull();
  });
});

describe('the audience', () => {
  const audience = { messages: 7, batches: 2 };

  test.each(['running', 'paused', 'expired', 'deleted'] as const)(
    'of a %s mailing is told once',
    (status) => {
      const told = audienceResolved(mailingState(status), audience);
      expect(told).toStrictEqual({
        type: 'MailingAudienceResolved',
        data: data(aMailing(status), { audience }),
      });
      expect(audienceResolved(mailingState(status, { audience }), audience)).toBeNull();
    },
  );

  test('of a mailing that was never started is nobody', () => {
    expect(audienceResolved(mailingState('scheduled'), audience)).toBeNull();
  });
});

describe('the settlement', () => {
  const audience = { messages: 7, batches: 2 };
  const now = DURING.toISOString();

  test.each(['running', 'paused'] as const)('completes a mailing that was %s', (status) => {
    expect(settlementDue(mailingState(status, { audience }), DURING)).toStrictEqual({
      type: 'MailingSettled',
      data: data(aMailing(status, { audience }), { status: 'completed', endedAt: now, settledAt: now }),
    });
  });

  test.each(['expired', 'deleted'] as const)('leaves a mailing %s', (status) => {
    expect(settlementDue(mailingState(status, { audience }), DURING)).toStrictEqual({
      type: 'MailingSettled',
      data: data(aMailing(status, { audience }), { settledAt: now }),
    });
  });

  test('waits for the audience, and happens once', () => {
    expect(settlementDue(mailingState('running'), DURING)).toBeNull();
    expect(settlementDue(mailingState('expired', { audience, settledAt: END }), DURING)).toBeNull();
  });
});

test('what the clock does leaves the version and the commands alone', () => {
  const started = startDue(mailingState('scheduled'), DURING);
  expect(started?.data).toMatchObject({ mailing: { version: 4 }, recentCommands: [EARLIER] });
});
