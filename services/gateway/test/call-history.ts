import { deriveId, type EventBody, groupOutcome, type MessageOutcome, makeEvent } from '@herald/contracts';
import fc from 'fast-check';
import type { EndInLog } from '../src/mailings/deadline-proof/ends-in-log.ts';
import type { OutcomeRecord } from '../src/mailings/deadline-proof/proof.ts';

export const MAILING = deriveId('mailing', 'proven');
const BEGIN = Date.UTC(2026, 0, 31, 9);
export const iso = (at: number): string => new Date(at).toISOString();
export const clientOf = (_batch: number, messageId: number): string => deriveId('client', String(messageId));

type Step =
  /** The end is moved to so many milliseconds from now, forwards or backwards: also what no decision would let pass. */
  | { readonly kind: 'change'; readonly endsIn: number }
  /** A new version with the same end, as a pause makes one. */
  | { readonly kind: 'steer' }
  /** A new state without a new version, as the clock makes one. */
  | { readonly kind: 'advance' }
  /** A sender reads the log to its end. */
  | { readonly kind: 'read'; readonly sender: number }
  /** A sender calls, whether or not it may. */
  | { readonly kind: 'call'; readonly sender: number; readonly type: CallType }
  /** So many of the calls that are not recorded yet, the newest or the oldest first, are recorded. */
  | { readonly kind: 'record'; readonly count: number; readonly newest: boolean; readonly isOld: boolean };
type CallType = 'MessageSent' | 'MessageFailed' | 'MessageRetried' | 'MessageUnknown';

export const SENDERS = 3;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), endsIn: fc.integer({ min: -200, max: 3_000 }) }),
  fc.record({ kind: fc.constant('steer' as const) }),
  fc.record({ kind: fc.constant('advance' as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), sender: fc.nat(SENDERS - 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      sender: fc.nat(SENDERS - 1),
      type: fc.constantFrom<CallType>('MessageSent', 'MessageFailed', 'MessageRetried', 'MessageUnknown'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      count: fc.integer({ min: 1, max: 4 }),
      newest: fc.boolean(),
      isOld: fc.boolean(),
    }),
  },
);
/** Each step happens so many milliseconds at the most after the one before. */
export const historyOf = (max: number) =>
  fc.array(fc.tuple(step, fc.integer({ min: 1, max })), { maxLength: 60 });

interface Call {
  readonly messageId: number;
  readonly type: CallType;
  readonly version: number;
  /** By the sender's clock. */
  readonly startedAt: number;
  /** What is true, whatever is written: the end that stood in the log when it began, and when that was. */
  readonly trulyAt: number;
  readonly trueEnd: EndInLog;
}

interface RecordedCall extends Call {
  /** Of its record. */
  readonly position: number;
}

/** Plays a history as it would come about, and knows what is true of each call. */
class Player {
  readonly ends: EndInLog[] = [{ position: 1, storedAt: BEGIN, version: 1, endAt: BEGIN + 1_500 }];
  readonly records: OutcomeRecord[] = [];
  readonly recorded: RecordedCall[] = [];
  readonly #skewOf: (sender: number) => number;
  readonly #open: Call[] = [];
  readonly #read = new Map<number, EndInLog>();
  #now = BEGIN;
  #position = 1;
  #messageId = 0;

  constructor(skewOf: (sender: number) => number) {
    this.#skewOf = skewOf;
  }

  step(what: Step, later: number): void {
    this.#now += later;
    switch (what.kind) {
      case 'change':
        this.#append(this.#now + what.endsIn, 1);
        return;
      case 'steer':
        this.#append(this.#last.endAt, 1);
        return;
      case 'advance':
        this.#append(this.#last.endAt, 0);
        return;
      case 'read':
        this.#read.set(what.sender, this.#last);
        return;
      case 'call':
        this.#call(what);
        return;
      case 'record':
        this.#record(what);
        return;
      default:
        what satisfies never;
    }
  }

  get #last(): EndInLog {
    const last = this.ends.at(-1);
    if (last === undefined) throw new Error('a history begins with a start');
    return last;
  }

  #append(endAt: number, versions: number): void {
    this.#position += 1;
    const version = this.#last.version + versions;
    this.ends.push({ position: this.#position, storedAt: this.#now, version, endAt });
  }

  #call({ sender, type }: Extract<Step, { kind: 'call' }>): void {
    this.#messageId += 1;
    this.#open.push({
      messageId: this.#messageId,
      type,
      version: this.#read.get(sender)?.version ?? 1,
      startedAt: this.#now + this.#skewOf(sender),
      trulyAt: this.#now,
      trueEnd: this.#last,
    });
  }

  #record({ count, newest, isOld }: Extract<Step, { kind: 'record' }>): void {
    const calls = this.#open.splice(newest ? Math.max(0, this.#open.length - count) : 0, count);
    const texts = isOld ? calls.map((call) => [call]) : [calls];
    for (const group of texts) {
      if (group.length === 0) continue;
      this.#position += 1;
      const text = isOld ? single(group, this.#now) : grouped(group, this.#now);
      this.records.push({ text, sequence: this.#position, storedAt: this.#now });
      this.recorded.push(...group.map((call) => ({ ...call, position: this.#position })));
    }
  }
}

/** @param skewOf by how much a sender's clock is ahead, milliseconds */
export function playHistory(
  steps: readonly (readonly [Step, number])[],
  skewOf: (sender: number) => number,
): Pick<Player, 'ends' | 'records' | 'recorded'> {
  const player = new Player(skewOf);
  for (const [what, later] of steps) player.step(what, later);
  return player;
}

const written = (body: EventBody, at: number): string =>
  JSON.stringify(makeEvent(body, { source: 'sender', correlationId: 'test' }, new Date(at)));

function outcomeOf({ type, messageId, version, startedAt }: Call): MessageOutcome {
  const call = { startedAt: iso(startedAt), durationMs: 12.5, statusCode: 200 };
  const about = { mailingId: MAILING, batch: 0, messageId, attempt: 1, mailingVersion: version };
  switch (type) {
    case 'MessageSent':
      return { type, data: { ...about, call } };
    case 'MessageRetried':
      return { type, data: { ...about, call, error: 'busy', answer: 'refused' } };
    case 'MessageFailed':
    case 'MessageUnknown':
      return { type, data: { ...about, call, error: 'no' } };
    default:
      return type satisfies never;
  }
}

/** The first form of the log: an event for each outcome. */
function single([call]: readonly Call[], at: number): string {
  if (call === undefined) throw new Error('there is no call');
  const outcome = outcomeOf(call);
  const data = { ...outcome.data, clientId: clientOf(0, call.messageId) };
  return written({ type: outcome.type, data } as EventBody, at);
}

function grouped(calls: readonly Call[], at: number): string {
  const firstMessageId = 1;
  const outcomes = calls.map((call) => groupOutcome(outcomeOf(call), firstMessageId, at));
  return written(
    { type: 'OutcomesRecorded', data: { mailingId: MAILING, batch: 0, firstMessageId, outcomes } },
    at,
  );
}
