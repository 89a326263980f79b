import type { Answer } from '../../src/provider/answer.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

/** One call as the judge sees it. */
export interface Call {
  readonly messageId: number;
  readonly sender: number;
  /** Names the process that made it. */
  readonly owner: string;
  readonly startedAt: number;
  /** The same by its sender's clock, ISO 8601: the log knows the call by it. */
  readonly saysStartedAt: string;
  endedAt: number | null;
  accepted: boolean;
  /** What the sender was told; `null` as long as it was told nothing. */
  answer: Answer | null;
}

/** Who calls. */
export interface Caller {
  readonly number: number;
  /** Names the process. */
  readonly owner: string;
  /** By its own clock, milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** How often what happens to a call, each from 0 to 1. */
export interface Temper {
  readonly refused: number;
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly hangs: number;
  /** How long an answer takes at most, milliseconds. */
  readonly slowestMs: number;
}

const TIMEOUT_MS = 5_000;

/** What the provider says of a recipient that it does not take, every time; `null` where it takes it. */
export function refusalOf(messageId: number): 'failed' | 'declined' | 'rejected' | null {
  if (messageId % 17 === 0) return 'failed';
  if (messageId % 19 === 0) return 'declined';
  return messageId % 23 === 0 ? 'rejected' : null;
}

const lost = (error: string, cutShort = false): Answer => ({
  kind: 'lost',
  statusCode: null,
  error,
  cutShort,
});
const refused: Answer = { kind: 'refused', statusCode: 500, error: 'HTTP 500', pauseMs: null };

/** A provider that honours message ids, and fails in every way a network has. */
export class SimulatedProvider {
  readonly calls: Call[] = [];
  readonly #accepted = new Set<number>();
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #temper: Temper;
  outage = false;

  constructor(schedule: Schedule, random: Random, temper: Temper) {
    this.#schedule = schedule;
    this.#random = random;
    this.#temper = temper;
  }

  /**
   * @param toTheEndMs how long until the mailing ends: the call is broken off then
   * @param answered told once, after the time the network takes
   * @returns breaks the call off
   */
  call(
    messageId: number,
    { number: sender, owner, wallClock }: Caller,
    toTheEndMs: number,
    answered: (call: Call, answer: Answer) => void,
  ): () => void {
    const { now } = this.#schedule;
    const call: Call = {
      messageId,
      sender,
      owner,
      startedAt: now,
      saysStartedAt: new Date(wallClock()).toISOString(),
      endedAt: null,
      accepted: false,
      answer: null,
    };
    this.calls.push(call);
    const end = (answer: Answer): void => {
      if (call.endedAt !== null) return;
      call.endedAt = this.#schedule.now;
      answered(call, answer);
    };
    this.#schedule.after(Math.min(TIMEOUT_MS, toTheEndMs), () =>
      end(lost('timed out', toTheEndMs < TIMEOUT_MS)),
    );
    const there = this.#random.between(1, 30);
    this.#schedule.after(there, () => {
      const fate = this.#fate(messageId);
      if (fate.accepts) {
        call.accepted = true;
        this.#accepted.add(messageId);
      }
      const { answer } = fate;
      if (answer !== null)
        this.#schedule.after(this.#random.between(1, this.#temper.slowestMs), () => end(answer));
    });
    return () => end(lost('the mailing ended', true));
  }

  #fate(messageId: number): { accepts: boolean; answer: Answer | null } {
    const { refused: refuses, lostBefore, lostAfter, hangs } = this.#temper;
    if (refusalOf(messageId) === 'failed')
      return { accepts: false, answer: { kind: 'failed', statusCode: 400, error: 'HTTP 400' } };
    if (this.outage) return { accepts: false, answer: refused };
    switch (refusalOf(messageId)) {
      case 'declined':
        return { accepts: false, answer: { kind: 'declined', statusCode: 200, error: 'code 5: unknown' } };
      case 'rejected': {
        const counts = this.#random.chance(0.7);
        return { accepts: false, answer: { kind: 'rejected', statusCode: 403, error: 'HTTP 403', counts } };
      }
      default:
    }
    const draw = this.#random.next();
    if (draw < refuses) return { accepts: false, answer: refused };
    if (draw < refuses + lostBefore) return { accepts: false, answer: lost('ECONNRESET') };
    if (draw < refuses + lostBefore + lostAfter) return { accepts: true, answer: lost('ECONNRESET') };
    if (draw < refuses + lostBefore + lostAfter + hangs) {
      return { accepts: this.#random.chance(0.5), answer: null };
    }
    return { accepts: true, answer: { kind: 'sent', statusCode: 200 } };
  }
}
