import { describe, expect, test } from 'vitest';
import {
  called,
  calm,
  deleted,
  delivered,
  expired,
  found,
  fresh,
  mailing,
  ours,
  REFUSED,
  recorded,
  resolved,
  SENT,
  sending,
  Told,
  turn,
} from '../../test/batch/told-batch.ts';
import { openMailing } from '../mailings/open-mailing.ts';
import type { Answer } from '../provider/answer.ts';
import type { BatchEvent, View } from './batch-state.ts';
import { decisions } from './decisions.ts';

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
