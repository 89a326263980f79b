import { afterEach, beforeEach, vi } from 'vitest';
import type { Answer } from '../../src/provider/answer.ts';
import { type FirstRejection, type TokenCall, TokenTrust } from '../../src/provider/token-trust.ts';

export const SENT: Answer = { kind: 'sent', statusCode: 200 };
export const DECLINED: Answer = { kind: 'declined', statusCode: 200, error: 'code 5' };
export const REJECTED: Answer = { kind: 'rejected', statusCode: 403, error: 'status 403', counts: false };
export const FAILED: Answer = { kind: 'failed', statusCode: 400, error: 'status 400' };
export const THROTTLED: Answer = { kind: 'throttled', statusCode: 429, error: 'status 429', pauseMs: 1_000 };
export const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503', pauseMs: null };
export const CUT_SHORT: Answer = {
  kind: 'lost',
  statusCode: null,
  error: 'the mailing ended',
  cutShort: true,
};

/** An admission without a limit. */
export const ANY = Number.POSITIVE_INFINITY;
export const counted = { ...REJECTED, counts: true };

/** Calls of one sender, and what becomes of its token. The time is faked. */
export class TokenBed {
  token: TokenTrust;
  changes = 0;
  told: boolean[] = [];
  /** When each message was rejected first, as the log would know it. */
  readonly rejected = new Map<number, FirstRejection>();
  #order = 0;
  #inFlight = 0;

  constructor() {
    this.token = this.#trust(0.5);
  }

  /** Nothing was called for, and of the token nothing is known. */
  clear(): void {
    this.changes = 0;
    this.told = [];
    this.rejected.clear();
    this.#order = 0;
    this.#inFlight = 0;
    this.useNewToken(0.5);
  }

  /** Begins with a token of which nothing is known. @param random what decides when it is tried, from 0 to 1 */
  useNewToken(random: number): void {
    this.token.close();
    this.token = this.#trust(random);
  }

  begin(messageId: number): TokenCall {
    this.#order += 1;
    this.#inFlight += 1;
    return {
      order: this.#order,
      startedAtMs: Date.now(),
      messageId,
      rejected: this.rejected.get(messageId) ?? null,
    };
  }

  end(call: TokenCall, answer: Answer | null): Answer | null {
    this.#inFlight -= 1;
    const meant = this.token.ended(call, answer, this.#inFlight, this.#order);
    if (meant?.kind === 'rejected' && !this.rejected.has(call.messageId)) {
      this.rejected.set(call.messageId, { beganMs: call.startedAtMs, cameBackMs: Date.now() });
    }
    return meant;
  }

  /** Calls that come one after the other, a second each. */
  call(messageId: number, answer: Answer | null): Answer | null {
    const began = this.begin(messageId);
    vi.advanceTimersByTime(1_000);
    return this.end(began, answer);
  }

  #trust(random: number): TokenTrust {
    return new TokenTrust({
      probeMs: 4_000,
      clocksDifferMs: 100,
      onChange: () => {
        this.changes += 1;
      },
      onToken: (isRejected) => this.told.push(isRejected),
      random: () => random,
    });
  }
}

/** For the tests of the file that calls it: begun anew before each of them. */
export function useToken(): TokenBed {
  const bed = new TokenBed();
  beforeEach(() => {
    vi.useFakeTimers();
    bed.clear();
  });
  afterEach(() => {
    bed.token.close();
    vi.useRealTimers();
  });
  return bed;
}
