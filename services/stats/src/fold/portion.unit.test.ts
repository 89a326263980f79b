import { makeEvent } from '@herald/contracts';
import { describe, expect, test } from 'vitest';
import { aMailing, clientId, ending, entity, moment, outcome, queued, type Step } from '../testing/story.ts';
import { Portion } from './portion.ts';

const spring = aMailing('spring');

function fold(...steps: readonly Step[]): Portion {
  const portion = new Portion();
  for (const [index, { body, at }] of steps.entries()) {
    portion.add(makeEvent(body, { source: 'tester', correlationId: 'test' }, at), index + 1);
  }
  return portion;
}

describe('a message that is queued in the portion', () => {
  test('is one new row in the order of the clients, and its batch remembers where it stands', () => {
    const portion = fold(queued(spring, 3, 10, 2, moment(1)));
    const about = { mailingId: spring.id, batch: 3, createdAt: moment(1).toISOString() };
    expect([...portion.newMessages.values()]).toStrictEqual([
      { ...about, id: 10, clientId: clientId(10), attempts: 0, error: null, end: null },
      { ...about, id: 11, clientId: clientId(11), attempts: 0, error: null, end: null },
    ]);
    expect(portion.batches).toStrictEqual([{ mailingId: spring.id, batch: 3, sequence: 1 }]);
  });

  test('and ends in it is written once, ended, and never updated', () => {
    const portion = fold(
      queued(spring, 0, 1, 1, moment(0)),
      outcome('MessageRetried', spring, 0, 1, moment(1), 1),
      outcome('MessageSent', spring, 0, 1, moment(2), 2),
    );
    expect(portion.newMessages.get(1)).toMatchObject({
      attempts: 2,
      error: null,
      end: { status: 'sent', at: moment(2).toISOString() },
    });
    expect([portion.ends.size, portion.retries.size]).toStrictEqual([0, 0]);
  });

  test('keeps its first end, whatever is said of it later', () => {
    const portion = fold(
      queued(spring, 0, 1, 1, moment(0)),
      outcome('MessageFailed', spring, 0, 1, moment(1), 1, 'number unknown'),
      outcome('MessageSent', spring, 0, 1, moment(2), 2),
      outcome('MessageRetried', spring, 0, 1, moment(3), 3, 'late'),
      ending('MessagesExpired', spring, 0, [1], moment(4)),
    );
    expect(portion.newMessages.get(1)).toMatchObject({
      attempts: 1,
      error: 'number unknown',
      end: { status: 'failed', at: moment(1).toISOString() },
    });
  });

  test('keeps its attempts and its last error when the end of the mailing ends it', () => {
    const portion = fold(
      queued(spring, 0, 1, 1, moment(0)),
      outcome('MessageRetried', spring, 0, 1, moment(1), 4, 'busy'),
      ending('MessagesCancelled', spring, 0, [1], moment(2)),
    );
    expect(portion.newMessages.get(1)).toMatchObject({
      attempts: 4,
      error: 'busy',
      end: { status: 'cancelled' },
    });
  });
});

describe('a message that was known before the portion', () => {
  test('keeps its first end of several', () => {
    const portion = fold(
      outcome('MessageUnknown', spring, 0, 1, moment(1), 2, 'no answer'),
      outcome('MessageSent', spring, 0, 1, moment(2), 3),
    );
    expect([...portion.ends]).toStrictEqual([
      [1, { status: 'unknown', at: moment(1).toISOString(), attempts: 2, error: 'no answer' }],
    ]);
  });

  test('is retried once for each attempt, with the last error', () => {
    const portion = fold(
      outcome('MessageRetried', spring, 0, 1, moment(1), 3, 'first'),
      outcome('MessageRetried', spring, 0, 1, moment(2), 2, 'second'),
      outcome('MessageRetried', spring, 0, 1, moment(2), 2, 'second'),
    );
    expect([...portion.retries]).toStrictEqual([[1, { attempts: [3], error: 'second' }]]);
  });

  test('is not retried any more after its end', () => {
    const portion = fold(
      outcome('MessageSent', spring, 0, 1, moment(1)),
      outcome('MessageRetried', spring, 0, 1, moment(2), 2),
    );
    expect(portion.retries.size).toBe(0);
  });
});

test('a retry counts once for its mailing, however often its record was sent, and not after the end', () => {
  const portion = fold(
    queued(spring, 0, 1, 2, moment(0)),
    outcome('MessageRetried', spring, 0, 1, moment(1), 1),
    outcome('MessageRetried', spring, 0, 2, moment(1), 1),
    outcome('MessageRetried', spring, 0, 1, moment(1), 1),
    outcome('MessageRetried', spring, 0, 1, moment(2), 2),
    outcome('MessageSent', spring, 0, 1, moment(3), 3),
    outcome('MessageRetried', spring, 0, 1, moment(2), 2),
  );
  expect([...portion.retriesOfMailing]).toStrictEqual([[spring.id, 3]]);
});

test('what could not be decided is the error of its message until that ends, and no retry without a call', () => {
  const portion = fold(
    queued(spring, 0, 1, 1, moment(0)),
    outcome('MessageUndecided', spring, 0, 1, moment(1), 0, 'undecidable: new'),
    outcome('MessageUndecided', spring, 0, 2, moment(1), 1, 'undecidable: known'),
  );
  expect(portion.newMessages.get(1)).toMatchObject({ attempts: 0, error: 'undecidable: new', end: null });
  expect([...portion.retries]).toStrictEqual([[2, { attempts: [1], error: 'undecidable: known' }]]);
  expect(portion.retriesOfMailing.size).toBe(0);
});

test('of a mailing the last state stays', () => {
  const paused = aMailing('spring', { status: 'paused', version: 2 });
  const portion = fold(
    entity('MailingCreated', spring, moment(0)),
    entity('MailingPaused', paused, moment(1)),
  );
  expect([...portion.mailings]).toStrictEqual([[spring.id, paused]]);
});
