import { describe, expect, test } from 'vitest';
import {
  called,
  calm,
  changed,
  deleted,
  delivered,
  found,
  fresh,
  mailing,
  ours,
  past,
  paused,
  REFUSED,
  recipients,
  recorded,
  resolved,
  SENT,
  sending,
  Told,
  turn,
} from '../../test/batch/told-batch.ts';
import { openMailing } from '../mailings/open-mailing.ts';
import type { View } from './batch-state.ts';

describe('on its way to the first call', () => {
  test('is claimed, looked up and resolved, in this order', () => {
    const told = new Told();
    expect(told.tell(delivered).asked).toEqual(['claim']);
    expect(told.tell(ours).asked).toEqual(['look-up']);
    expect(told.tell(found()).asked).toEqual(['resolve']);
    expect(told.tell(resolved).state).toMatchObject({ kind: 'sending', queue: [0, 1, 2], inFlight: 0 });
  });

  test('what somebody else holds is given back for less than a second', () => {
    const told = new Told().tell(delivered).tell({ kind: 'claimed', ours: false });
    expect(told.state.kind).toBe('returned');
    expect(told.commands).toMatchObject([{ kind: 'give-back', deferral: { delayMs: 625 } }]);
  });

  test('what was completed before is only acknowledged', () => {
    const told = new Told().tell(delivered).tell(ours);
    expect(told.tell({ kind: 'looked-up', found: { kind: 'completed' } }).asked).toEqual(['acknowledge']);
    expect(told.tell({ kind: 'completed' }).state.kind).toBe('done');
  });

  test('leaves out whoever has ended, and who was removed fails without a call', () => {
    const [first, ...rest] = fresh();
    if (first === undefined) throw new Error('no message');
    const told = new Told().tell(delivered).tell(ours);
    told.tell(found([{ ...first, ended: true }, ...rest]));
    expect(told.commands).toEqual([{ kind: 'resolve', clientIds: ['b', 'c'] }]);
    told.tell({ kind: 'resolved', recipients: new Map([...recipients].slice(2)), restMs: 0 });
    expect(told.state).toMatchObject({ kind: 'sending', queue: [2], inFlight: 1 });
    expect(told.commands).toMatchObject([
      { kind: 'record', body: { type: 'MessageFailed', data: { error: 'client-removed', clientId: 'b' } } },
    ]);
  });

  test('a mailing that is not to be sent now is refused from memory', () => {
    expect(new Told().tell(delivered, paused).asked).toEqual(['give-back']);
    expect(new Told().tell(delivered, { ...calm, standing: undefined, open: undefined }).asked).toEqual([
      'give-back',
    ]);
  });

  test('waits where the provider may not be called, and goes on when it may', () => {
    const away: View = { ...calm, mayCall: false };
    const told = new Told().tell(delivered).tell(ours).tell(found()).tell(resolved, away);
    expect(told.state.kind).toBe('waiting');
    expect(told.tell({ kind: 'provider-changed' }).state.kind).toBe('sending');
    expect(told.tell({ kind: 'provider-changed' }, away).state.kind).toBe('waiting');
  });
});

describe('while one call at a time tries the token', () => {
  test.each([
    [0, [0, 1, 2]],
    [0.5, [1, 2, 0]],
    [1, [2, 0, 1]],
  ])('a batch begins at any place, so that no message is always the first (%f)', (random, queue) => {
    const view: View = { ...calm, isTokenRejected: true, random };
    const told = new Told().tell(delivered).tell(ours).tell(found()).tell(resolved, view);
    expect(told.state).toMatchObject({ kind: 'sending', queue });
  });

  test('a batch whose try was in vain goes to other senders at once', () => {
    const told = sending().tell(turn);
    told.tell(called(0, null), { ...calm, isTokenRejected: true });
    expect(told.state.kind).toBe('returned');
    expect(told.commands).toEqual([{ kind: 'give-back', deferral: { delayMs: 0, closed: null } }]);
  });
});

describe('while it is sent', () => {
  test('is complete when every message has ended', () => {
    const told = sending().tell(turn).tell(turn).tell(turn);
    expect(told.state).toMatchObject({ inFlight: 3, turns: 3 });
    recorded(told, 2, SENT);
    recorded(told, 0, SENT);
    recorded(told, 1, SENT);
    expect([told.state.kind, told.asked]).toEqual(['completing', ['complete']]);
    expect(told.tell({ kind: 'completed' }).state.kind).toBe('done');
  });

  test('what was refused is tried again later, by the least attempts', () => {
    const told = sending().tell(turn).tell(turn).tell(turn);
    recorded(told, 0, SENT);
    recorded(told, 1, REFUSED);
    recorded(told, 2, REFUSED);
    expect(told.state.kind).toBe('retrying');
    expect(told.commands).toEqual([{ kind: 'give-back', deferral: { delayMs: 250, closed: null } }]);
  });

  test('who was not called after all comes behind the others, and no attempt is spent', () => {
    const told = sending().tell(turn).tell(called(0, null));
    expect(told.state).toMatchObject({ kind: 'sending', queue: [1, 2, 0], inFlight: 0 });
    expect(told.commands).toEqual([]);
  });

  test('whose window is closed is passed over, and the batch parked until it opens', () => {
    const localWindow = { from: '09:00', to: '10:00' };
    const view: View = {
      ...calm,
      open: openMailing({ ...mailing, localWindow }, 2, 1),
      look: () => 'closed',
    };
    const told = sending().tell(turn, view).tell(turn, view).tell(turn, view);
    expect(told.state.kind).toBe('parked');
    expect(told.commands).toEqual([
      {
        kind: 'give-back',
        deferral: { delayMs: 45_000, closed: { window: localWindow, opensInMs: 45_000 } },
      },
    ]);
  });

  test('begins no call without its lease', () => {
    const told = sending().tell(turn, { ...calm, leaseHeld: false });
    expect([told.state.kind, told.asked]).toEqual(['returned', ['give-back']]);
  });

  test('breaks off its calls at the end, and waits for what comes of them', () => {
    const told = sending().tell(turn).tell(changed, past);
    expect([told.state.kind, told.asked]).toEqual(['draining', ['abort-calls']]);
    recorded(told, 0, { kind: 'lost', statusCode: null, error: 'the mailing ended', cutShort: true }, past);
    expect([told.state.kind, told.asked]).toEqual(['returned', ['give-back']]);
  });

  test('ends what remains when its mailing is over: once for all, but for lost answers', () => {
    const told = sending().tell(turn).tell(turn).tell(changed, deleted);
    recorded(told, 0, { kind: 'lost', statusCode: null, error: 'timed out', cutShort: false }, deleted);
    expect(told.state.kind).toBe('draining');
    recorded(told, 1, SENT, deleted);
    expect(told.state.kind).toBe('ending');
    expect(told.commands).toMatchObject([
      {
        kind: 'end-rest',
        bodies: [
          { type: 'MessagesCancelled', data: { messageIds: [12] } },
          { type: 'MessageUnknown', data: { messageId: 10, error: 'answer-lost' } },
        ],
      },
    ]);
    expect(told.tell({ kind: 'rest-ended' }).asked).toEqual(['complete']);
  });

  test('an outcome that could not be recorded ends it', () => {
    const told = sending().tell(turn).tell(turn);
    told.tell(called(0, SENT));
    const [record] = told.commands;
    if (record?.kind !== 'record') throw new Error('nothing to record');
    const { body } = record;
    told.tell({ kind: 'unrecorded', place: 0, body, isLastTry: false, why: 'refused', reason: 'too long' });
    expect(told.commands).toMatchObject([
      {
        kind: 'record',
        isLastTry: true,
        body: { type: 'MessageUnknown', data: { messageId: 10, attempt: 1 } },
      },
      { kind: 'say-undecided', message: { stage: 'record', isSetAside: true } },
    ]);
    told.tell({
      kind: 'unrecorded',
      place: 0,
      body,
      isLastTry: true,
      why: 'refused',
      reason: 'the log is closed',
    });
    expect(told.state).toMatchObject({ kind: 'draining', halt: 'taken', inFlight: 1 });
    recorded(told, 1, SENT);
    expect(told.state.kind).toBe('abandoned');
  });
});

describe('when an outcome finds no place in the log at a stop', () => {
  const toRecord = (told: Told) => {
    const [record] = told.tell(turn).tell(called(0, SENT)).commands;
    if (record?.kind !== 'record') throw new Error('nothing to record');
    return { kind: 'unrecorded', place: 0, body: record.body, isLastTry: false, reason: 'x' } as const;
  };

  test('it is tried once more as it is where there was no room: nothing is wrong with the message', () => {
    const told = sending();
    const event = toRecord(told);
    told.tell({ ...event, why: 'full' });
    expect(told.commands).toEqual([{ kind: 'record', place: 0, body: event.body, isLastTry: true }]);
    told.tell({ ...event, why: 'full', isLastTry: true });
    expect([told.state.kind, told.commands]).toEqual(['abandoned', []]);
  });

  test('the batch is let go where the log is closed', () => {
    const told = sending();
    told.tell({ ...toRecord(told), why: 'closed' });
    expect([told.state.kind, told.commands]).toEqual(['abandoned', []]);
  });
});
