import type { Answer } from './answer.ts';
import { spread } from './jitter.ts';

/** A call that began, as far as the token goes. */
export interface TokenCall {
  /** Rises with each call that begins. */
  readonly order: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly messageId: number;
  /** The first call for this message that was answered with 401 or 403, by the log; `null` if none was. */
  readonly rejected: FirstRejection | null;
}

/** When the first rejected call for a message began and when its answer came back, milliseconds since 1970. */
export interface FirstRejection {
  readonly beganMs: number;
  readonly cameBackMs: number;
}

export interface TokenTrustOptions {
  /** How long after a rejected token one call tries again, milliseconds, give or take a quarter. */
  readonly probeMs: number;
  /** By how much the clocks of two senders may differ, milliseconds: the first rejection may be another one's. */
  readonly clocksDifferMs: number;
  /** Calls may begin that could not before. */
  readonly onChange: () => void;
  /** The token is rejected (told once, however often it is tried), or taken again. */
  readonly onToken: (rejected: boolean, statusCode: number) => void;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}

/** So many distinct messages, rejected one after the other with none accepted between, make the token doubtful. */
const SEVERAL = 5;

/**
 * A token that was accepted so shortly before is not expected to have gone wrong for few messages alone, milliseconds.
 * Without it the last blocked recipients of a mailing could never end by their rejections.
 */
const SHORTLY_MS = 100;

/** So many messages are remembered whose first rejection was about them; any other is judged by the log. */
const MOST_REMEMBERED = 1_000;

/** A rejected message, while nothing tells whether its rejection was about the token. */
interface Open {
  /** The order of its last rejected call. */
  readonly last: number;
  /** The order of the last call that had begun when its first rejection came back. */
  readonly cameBackAt: number;
}

/**
 * Tells a wrong token from a message that the provider does not want: both are answered with 401 or 403.
 *
 * - `trusted`: calls begin freely. A rejection counts against its message where a call was accepted that began after
 *   the message's first rejection had come back: the token was still right then, so it was about the message
 *   (docs/adr/0028). An accepted call that began before that proves nothing: the token may have gone wrong while both
 *   were under way. A rejection is unexplained as long as no call that began later than the rejected one is accepted.
 *   As long as the token was never accepted, none says anything of its message.
 * - `doubted`: several messages are unexplained (one, where the token was never accepted). Nothing begins; one of the
 *   calls under way may yet explain them.
 * - `rejected`: none did. Nothing begins for a while.
 * - `on-trial`: one call tries. Accepted, the token is trusted again; otherwise it is rejected again. What it is
 *   answered never counts against its message.
 */
export class TokenTrust {
  readonly #options: TokenTrustOptions;
  #state: 'trusted' | 'doubted' | 'rejected' | 'on-trial' = 'trusted';
  /** The accepted call that began last: its order, and when it began. */
  #proved: { readonly order: number; readonly startedAtMs: number } | null = null;
  /**
   * Since when the token was never known to be wrong, milliseconds since 1970. A rejection from before may have been
   * about the token, so that no accepted call makes it one of the message.
   */
  #rightSinceMs = Number.NEGATIVE_INFINITY;
  /** Messages whose first rejection came back after the last accepted call began. At most {@link SEVERAL} and the slots. */
  readonly #open = new Map<number, Open>();
  /** Messages that were rejected here while the token was right, the oldest first. */
  readonly #blocked = new Set<number>();
  #rejectedWith = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TokenTrustOptions) {
    this.#options = options;
  }

  /** How many calls may be in flight: any number, the one that tries, or none. */
  get admission(): number {
    switch (this.#state) {
      case 'trusted':
        return Number.POSITIVE_INFINITY;
      case 'on-trial':
        return 1;
      case 'doubted':
      case 'rejected':
        return 0;
      default:
        return this.#state satisfies never;
    }
  }

  get isRejected(): boolean {
    return this.#state === 'rejected' || this.#state === 'on-trial';
  }

  /**
   * A call ended with this answer, or was not made after all (`null`).
   *
   * @param inFlight calls that are still under way
   * @param begun the order of the call that began last
   * @returns what the answer means: whether a rejection counts against its message, or says nothing of it
   */
  ended(call: TokenCall, answer: Answer | null, inFlight: number, begun: number): Answer | null {
    if (answer?.kind === 'sent' || answer?.kind === 'declined') {
      this.#accepted(call, answer.statusCode);
    } else if (this.isRejected) {
      if (this.#state === 'on-trial') this.#tryLater();
      if (answer?.kind !== 'rejected') return answer;
      return { kind: 'token-rejected', statusCode: answer.statusCode };
    }
    const meant = answer?.kind === 'rejected' ? this.#rejected(call, answer, begun) : answer;
    if (this.#state === 'doubted' && inFlight === 0) {
      // Closed first: whoever is told may look whether something can begin.
      this.#tryLater();
      this.#options.onToken(true, this.#rejectedWith);
    }
    return meant;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #accepted({ order, startedAtMs }: TokenCall, statusCode: number): void {
    if (order > (this.#proved?.order ?? -1)) this.#proved = { order, startedAtMs };
    for (const [messageId, { cameBackAt }] of this.#open) {
      if (cameBackAt >= order) continue;
      this.#open.delete(messageId);
      this.#remember(messageId);
    }
    if (this.#state === 'trusted' || this.#isDoubtful) return;
    const wasRejected = this.isRejected;
    clearTimeout(this.#timer);
    this.#state = 'trusted';
    if (wasRejected) {
      this.#rightSinceMs = startedAtMs;
      this.#options.onToken(false, statusCode);
    }
    this.#options.onChange();
  }

  #rejected(call: TokenCall, answer: Extract<Answer, { kind: 'rejected' }>, begun: number): Answer {
    const { messageId, order } = call;
    const { statusCode } = answer;
    this.#rejectedWith = statusCode;
    const isBlocked = this.#isBlocked(call);
    if (!isBlocked) {
      const cameBackAt = this.#open.get(messageId)?.cameBackAt ?? begun;
      this.#open.set(messageId, { last: order, cameBackAt });
    }
    if (this.#isDoubtful) this.#state = 'doubted';
    if (this.#proved === null) return { kind: 'token-rejected', statusCode };
    return { ...answer, counts: isBlocked || this.#isOneOfFew(call) };
  }

  get #isDoubtful(): boolean {
    const proved = this.#proved?.order ?? null;
    if (proved === null) return this.#open.size > 0;
    let unexplained = 0;
    for (const { last } of this.#open.values()) if (last > proved) unexplained += 1;
    return unexplained >= SEVERAL;
  }

  /** Whether the token is known to have been right after the message was rejected first. */
  #isBlocked({ messageId, rejected }: TokenCall): boolean {
    if (this.#blocked.has(messageId)) return true;
    if (rejected === null || rejected.beganMs < this.#rightSinceMs || this.#proved === null) return false;
    return this.#proved.startedAtMs >= rejected.cameBackMs + this.#options.clocksDifferMs;
  }

  /** Whether only few messages are open, and the token was accepted shortly before this one was rejected first. */
  #isOneOfFew({ rejected }: TokenCall): boolean {
    if (rejected === null || rejected.beganMs < this.#rightSinceMs || this.#proved === null) return false;
    if (this.#open.size >= SEVERAL) return false;
    return this.#proved.startedAtMs >= rejected.beganMs - SHORTLY_MS;
  }

  #remember(messageId: number): void {
    this.#blocked.add(messageId);
    if (this.#blocked.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#blocked) {
      this.#blocked.delete(oldest);
      return;
    }
  }

  #tryLater(): void {
    this.#state = 'rejected';
    // They were about the token.
    this.#open.clear();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#state = 'on-trial';
        this.#options.onChange();
      },
      spread(this.#options.probeMs, this.#options.random()),
    );
  }
}
