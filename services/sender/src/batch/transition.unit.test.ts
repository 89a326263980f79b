import { describe, expect, test } from 'vitest';
import { openMailing } from '../mailings/open-mailing.ts';
import { type Answer, tellsOfMessage } from '../provider/answer.ts';
import { type BatchEvent, type BatchState, type Command, HALTS, type View } from './batch-state.ts';
import { decisions } from './decisions.ts';
import { initialProgress } from './progress.ts';
import { salvage } from './salvage.ts';
import { transition } from './transition.ts';

const NOW = Date.UTC(2026, 0, 1);
const clientIds = ['a', 'b', 'c'];
const mailing = {
  id: 'm',
  name: null,
  text: 'Hello',
  startAt: new Date(NOW).toISOString(),
  endAt: new Date(NOW + 600_000).toISOString(),
  filter: { everyone: true as const },
  localWindow: null,
  rateLimit: null,
  priority: 5,
  status: 'running' as const,
  version: 7,
  createdAt: new Date(NOW).toISOString(),
  updatedAt: new Date(NOW).toISOString(),
  startedAt: new Date(NOW).toISOString(),
  endedAt: null,
  settledAt: null,
  audience: null,
};
const open = openMailing(mailing, 1, 1);
const calm: View = {
  mailingId: 'm',
  batch: 0,
  decisions,
  now: NOW,
  standing: 'send',
  open,
  isPastEnd: false,
  leaseHeld: true,
  mayCall: true,
  isTokenRejected: false,
  idempotent: true,
  refusalAttempts: 3,
  random: 0.5,
  closedForMs: () => 0,
  look: () => 'open',
  untilOpening: () => 45_000,
};
const paused: View = {
  ...calm,
  standing: 'wait',
  open: openMailing({ ...mailing, status: 'paused' }, 2, 1),
};
const past: View = { ...calm, standing: 'wait', now: open.endAtMs, isPastEnd: true };
const expired: View = {
  ...calm,
  standing: 'expire',
  open: openMailing({ ...mailing, status: 'expired' }, 3, 1),
};
const deleted: View = {
  ...calm,
  standing: 'cancel',
  open: openMailing({ ...mailing, status: 'deleted' }, 3, 1),
};

/** A batch that is told things, and what it asked for last. */
class Told {
  state: BatchState = { kind: 'claimed' };
  commands: readonly Command[] = [];

  tell(event: BatchEvent, view: View = calm): this {
    ({ state: this.state, commands: this.commands } = transition(this.state, event, view));
    return this;
  }

  get asked(): string[] {
    return this.commands.map((command) => command.kind);
  }
}

const recipients = new Map(clientIds.map((id) => [id, { phone: '79160000000', timezone: 'UTC' }]));
const fresh = () =>
  initialProgress({ mailingId: 'm', batch: 0, timezone: 'UTC', firstMessageId: 10, clientIds });
const found = (messages = fresh()): BatchEvent => ({ kind: 'looked-up', found: { kind: 'open', messages } });
const resolved: BatchEvent = { kind: 'resolved', recipients, restMs: 0 };
const delivered: BatchEvent = { kind: 'delivered' };
const ours: BatchEvent = { kind: 'claimed', ours: true };
const turn: BatchEvent = { kind: 'turn' };
const changed: BatchEvent = { kind: 'mailing-changed' };

const sending = (): Told => new Told().tell(delivered).tell(ours).tell(found()).tell(resolved);
const SENT: Answer = { kind: 'sent', statusCode: 200 };
const REFUSED: Answer = { kind: 'refused', statusCode: 500, error: 'HTTP 500', pauseMs: null };

function called(place: number, answer: Answer | null): BatchEvent {
  const made = tellsOfMessage(answer) ? { answer, startedAt: NOW, durationMs: 5 } : null;
  return { kind: 'called', place, made, mailingVersion: 7 };
}

/** Carries a call that is under way to its place in the log. */
function recorded(told: Told, place: number, answer: Answer, view: View = calm): Told {
  told.tell(called(place, answer), view);
  const [record] = told.commands;
  if (record?.kind !== 'record') throw new Error('nothing to record');
  return told.tell({ kind: 'recorded', outcomes: [{ place, body: record.body }] }, view);
}

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

describe('when it is given up', () => {
  const halts: Record<(typeof HALTS)[number], (told: Told) => Told> = {
    'past-end': (told) => told.tell(changed, past),
    returned: (told) => told.tell({ kind: 'stop' }),
    broken: (told) => {
      told.state = salvage(told.state, changed, calm).state;
      return told;
    },
    over: (told) => told.tell(changed, expired),
    'lease-lost': (told) => told.tell({ kind: 'lease-lost', taken: false }),
    taken: (told) => told.tell({ kind: 'lease-lost', taken: true }),
  };
  const ending: Record<(typeof HALTS)[number], string> = {
    'past-end': 'returned',
    returned: 'returned',
    broken: 'returned',
    over: 'ending',
    'lease-lost': 'returned',
    taken: 'abandoned',
  };

  for (const [index, weak] of HALTS.entries()) {
    for (const strong of HALTS.slice(index)) {
      test(`${strong} prevails over ${weak}, whichever came first`, () => {
        for (const [first, second] of [
          [weak, strong],
          [strong, weak],
        ] as const) {
          const told = halts[second](halts[first](sending().tell(turn)));
          expect(told.state).toMatchObject({ kind: 'draining', halt: strong });
          recorded(told, 0, REFUSED, expired);
          expect(told.state.kind).toBe(ending[strong]);
        }
      });
    }
  }

  test('is complete all the same when its last message ended, unless it is somebody else’s', () => {
    const through = (halt: keyof typeof halts): string => {
      const told = sending().tell(turn).tell(turn).tell(turn);
      recorded(told, 0, SENT);
      recorded(told, 1, SENT);
      return recorded(halts[halt](told), 2, SENT).state.kind;
    };
    expect(through('over')).toBe('completing');
    expect(through('returned')).toBe('completing');
    expect(through('lease-lost')).toBe('completing');
    expect(through('taken')).toBe('abandoned');
  });

  test('while it is read nobody waits for the reading', () => {
    const stopped = new Told().tell(delivered).tell(ours).tell({ kind: 'stop' });
    expect([stopped.state.kind, stopped.asked]).toEqual(['returned', ['stop-reading', 'give-back']]);
    const late = new Told().tell(delivered).tell(ours).tell({ kind: 'lease-lost', taken: false });
    expect([late.state.kind, late.asked]).toEqual(['returned', ['stop-reading', 'give-back']]);
    const lost = new Told().tell(delivered).tell(ours).tell({ kind: 'lease-lost', taken: true });
    expect([lost.state.kind, lost.asked]).toEqual(['abandoned', ['stop-reading']]);
    expect(lost.tell(found()).state.kind).toBe('abandoned');
  });

  test('with a lost connection nothing rests: what is in hand is given back at once, after its calls', () => {
    const lost: BatchEvent = { kind: 'lease-lost', taken: false };
    const atOnce = { kind: 'give-back', deferral: { delayMs: 0, closed: null } };
    for (const untouched of [new Told().tell(delivered), new Told().tell(delivered).tell(ours), sending()]) {
      untouched.tell(lost);
      expect(untouched.state.kind).toBe('returned');
      expect(untouched.commands.at(-1)).toEqual(atOnce);
    }
    const busy = sending().tell(turn).tell(lost);
    expect([busy.state.kind, busy.asked]).toEqual(['draining', []]);
    recorded(busy, 0, SENT);
    expect([busy.state.kind, busy.commands]).toEqual(['returned', [atOnce]]);
  });

  test('the end of what cannot be done is a later try', () => {
    const told = new Told().tell(delivered).tell(ours).tell({ kind: 'failed' });
    expect(told.commands).toEqual([{ kind: 'give-back', deferral: { delayMs: 10_000, closed: null } }]);
  });

  test('what cannot happen is a bug, and says so', () => {
    expect(() => sending().tell(delivered)).toThrow('a batch that is sending cannot be told delivered');
    expect(() => sending().tell({ kind: 'stop' }).tell(turn)).toThrow('cannot be told turn');
  });
});

describe('a message that cannot be decided', () => {
  const poison = (): never => {
    throw new RangeError('poison');
  };
  const sick = (sickly: Partial<View['decisions']>, more: Partial<View> = {}): View => ({
    ...calm,
    ...more,
    decisions: { ...decisions, ...sickly },
  });
  const [first, ...others] = fresh();
  if (first === undefined) throw new Error('no message');
  const lookedAt = (looks: number, more: object = {}): Told =>
    new Told()
      .tell(delivered)
      .tell(ours)
      .tell(found([{ ...first, looks, ...more }, ...others]))
      .tell(resolved);
  const said = (told: Told): object[] =>
    told.commands.map((command) => (command.kind === 'record' ? command.body : command));

  test('at its turn is put off, and its neighbours go on; the batch comes again in two seconds', () => {
    const told = lookedAt(0).tell(turn, sick({ turn: poison }));
    expect(said(told)).toMatchObject([
      { type: 'MessageUndecided', data: { messageId: 10, attempt: 0, look: 1 } },
      { kind: 'say-undecided', message: { stage: 'turn', isSetAside: false } },
    ]);
    const [record] = told.commands;
    if (record?.kind !== 'record') throw new Error('nothing to record');
    told.tell(turn).tell(turn);
    recorded(told, 1, SENT);
    recorded(told, 2, SENT);
    told.tell({ kind: 'recorded', outcomes: [{ place: 0, body: record.body }] });
    expect([told.state.kind, told.commands]).toEqual([
      'retrying',
      [{ kind: 'give-back', deferral: { delayMs: 2_000, closed: null } }],
    ]);
  });

  test('is set aside at the third look: failed, or unknown where an answer was lost', () => {
    const end = (more: object): object[] => said(lookedAt(2, more).tell(turn, sick({ turn: poison })));
    const error = expect.stringMatching(/^undecidable: RangeError: poison/);
    expect(end({})).toMatchObject([
      { type: 'MessageFailed', data: { messageId: 10, attempt: 0, call: null, error } },
      { kind: 'say-undecided', message: { isSetAside: true } },
    ]);
    expect(end({ lost: true, attempts: 2 })).toMatchObject([
      { type: 'MessageUnknown', data: { messageId: 10, attempt: 2, call: null, error } },
      { kind: 'say-undecided' },
    ]);
  });

  test('whose recipient nobody can find out is put off alone', () => {
    const address: View['decisions']['address'] = (message, known) =>
      message.messageId === 10 ? poison() : decisions.address(message, known);
    const told = new Told().tell(delivered).tell(ours).tell(found()).tell(resolved, sick({ address }));
    expect(told.state).toMatchObject({ kind: 'sending', queue: [0, 1, 2] });
    expect(said(told.tell(turn))).toMatchObject([{ type: 'MessageUndecided' }, { kind: 'say-undecided' }]);
  });

  test.each([
    ['sent', SENT, 'MessageUnknown'],
    ['lost', { kind: 'lost', statusCode: null, error: 'timed out', cutShort: false }, 'MessageUnknown'],
    ['refused', REFUSED, 'MessageUndecided'],
    ['failed', { kind: 'failed', statusCode: 400, error: 'HTTP 400' }, 'MessageUndecided'],
  ] satisfies [string, Answer, string][])(
    'whose answer %s cannot be told is recorded all the same',
    (_, answer, type) => {
      const told = sending()
        .tell(turn)
        .tell(called(0, answer), sick({ outcome: poison }));
      expect(said(told)).toMatchObject([{ type, data: { attempt: 1 } }, { kind: 'say-undecided' }]);
      expect(told.state).toMatchObject({ inFlight: 1 });
    },
  );

  test('whose call broke is called for again only where none was made', () => {
    const broke = (asked: boolean): object[] =>
      said(
        sending()
          .tell(turn)
          .tell({ kind: 'call-broke', place: 0, mailingVersion: 7, asked, reason: 'Error' }),
      );
    expect(broke(true)).toMatchObject([{ type: 'MessageUnknown', data: { attempt: 1 } }, {}]);
    expect(broke(false)).toMatchObject([{ type: 'MessageUndecided', data: { attempt: 0 } }, {}]);
  });

  test('whose outcome cannot be folded has ended where that says so', () => {
    const told = sending().tell(turn).tell(turn).tell(turn);
    recorded(told, 0, SENT, sick({ after: poison }));
    recorded(told, 1, SENT);
    recorded(told, 2, SENT);
    expect(told.state.kind).toBe('completing');
  });

  test('whose window nobody can work out keeps no other from being tried again', () => {
    const localWindow = { from: '09:00', to: '10:00' };
    const closed = sick(
      {},
      {
        open: openMailing({ ...mailing, localWindow }, 2, 1),
        look: (_, zone) => (zone === 'UTC' ? 'closed' : 'open'),
        untilOpening: poison,
      },
    );
    const told = sending().tell(turn, closed).tell(turn, closed).tell(turn, closed);
    expect(told.state.kind).toBe('retrying');
    expect(told.commands).toMatchObject([{ kind: 'give-back' }, { kind: 'say-broken' }]);
  });
});

describe('a batch with a record that names nobody', () => {
  const unreadable = (isNewer: boolean): BatchEvent => ({
    kind: 'looked-up',
    found: { kind: 'unreadable', messages: fresh(), reason: 'SyntaxError', isNewer },
  });
  const read = (view: View, isNewer = false): string[] =>
    new Told().tell(delivered).tell(ours).tell(unreadable(isNewer), view).asked;

  test('waits for a release that can read it', () => {
    expect(read(calm)).toEqual(['give-back', 'say-broken']);
    expect(read(expired, true)).toEqual(['give-back', 'say-broken']);
  });

  test('ends as unknown with its mailing where no release ever will', () => {
    const told = new Told().tell(delivered).tell(ours).tell(unreadable(false), deleted);
    const [end] = told.commands;
    expect(end?.kind === 'end-rest' && end.bodies.map(({ type }) => type)).toEqual([
      'MessageUnknown',
      'MessageUnknown',
      'MessageUnknown',
    ]);
  });
});
