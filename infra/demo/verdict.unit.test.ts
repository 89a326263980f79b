import { expect, test } from 'vitest';
import type { Journal, Statistics } from './figures.ts';
import { findDisagreements } from './verdict.ts';

const NONE = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
const given = (counts: Partial<Statistics['counts']>, planned = 10): Statistics => ({
  status: 'completed',
  audienceResolved: true,
  planned,
  counts: { ...NONE, ...counts },
  retries: 0,
  firstSentAt: null,
  lastSentAt: null,
});
const provider = (distinctAccepted: number, repeatedAccepted = 0): Journal => ({
  requests: distinctAccepted + repeatedAccepted,
  distinctAccepted,
  repeatedAccepted,
});

test('nothing disagrees when every client got exactly one message', () => {
  expect(findDisagreements(10, given({ sent: 10 }), provider(10))).toEqual([]);
});

test('requests which the provider refused do not matter, messages accepted again do', () => {
  expect(findDisagreements(10, given({ sent: 10 }), { ...provider(10), requests: 17 })).toEqual([]);
  expect(findDisagreements(10, given({ sent: 10 }), provider(10, 2))).toEqual([
    'the provider was sent 2 messages again that it had accepted',
  ]);
});

test('a message that failed is named by what is missing here and there', () => {
  expect(findDisagreements(10, given({ sent: 9, failed: 1 }), provider(9))).toEqual([
    '10 messages were planned, but 9 were sent',
    '10 clients, but the provider has accepted 9 messages',
  ]);
});

test('a message that was planned for nobody is found', () => {
  expect(findDisagreements(10, given({ sent: 11 }, 11), provider(11))).toEqual([
    '10 clients, but 11 messages were planned',
    '10 clients, but the provider has accepted 11 messages',
  ]);
});

test('statuses which do not sum to what was planned are found', () => {
  expect(findDisagreements(10, given({ sent: 10, expired: 1 }), provider(10))).toEqual([
    '10 messages were planned, but the statuses sum to 11',
  ]);
});

test('a message counted as sent that the provider never accepted is found', () => {
  expect(findDisagreements(10, given({ sent: 10 }), provider(9))).toEqual([
    '10 messages count as sent, but the provider has accepted 9',
    '10 clients, but the provider has accepted 9 messages',
  ]);
});
