import type { Answer } from './answer.ts';
import { spread } from './jitter.ts';

/** A call that began, as far as the token goes. */
export interface TokenCall {
  /** Rises with each call that begins. */
  readonly order: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly messageId: number;
  /** When a call for this message was first answered with 401 or 403, milliseconds since 1970; `null` if none was. */
  readonly rejectedSinceMs: number | null;
}

export interface TokenTrustOptions {
  /** How long after a rejected token one call tries again, milliseconds, give or take a quarter. */
  readonly probeMs: number;
  /** Calls may begin that could not before. */
  readonly onChange: () => void;
  /** The token is rejected (told again after each call that tried it), or taken again. */
  readonly onToken: (rejected: boolean, statusCode: number) => void;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}

/** So many distinct messages, rejected one after the other with none accepted between, make the token doubtful. */
const SEVERAL = 5;

/**
 * A token that was accepted so shortly before is not expected to have gone wrong for one message alone, milliseconds.
 * Without it the last message of a mailing could never end by its rejections.
 */
const SHORTLY_MS = 100;

/**
 * Tells a wrong token from a message that the provider does not want: both are answered with 401 or 403.
 *
 * - `trusted`: calls begin freely. A rejection counts against its message where a call was accepted that began after the
 *   message's first rejected one: the token was right then, so it was about the message (docs/adr/0028). Every other
 *   rejection is unexplained until a call that began later is accepted. As long as the token was never accepted, none
 *   says anything of its message.
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
  /** By message, the order of its last rejection that nothing explains. */
  readonly #unexplained = new Map<number, number>();
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
   * @returns what the answer means: whether a rejection counts against its message, or says nothing of it
   */
  ended(call: TokenCall, answer: Answer | null, inFlight: number): Answer | null {
    if (answer?.kind === 'sent' || answer?.kind === 'declined') {
      this.#accepted(call, answer.statusCode);
    } else if (this.isRejected) {
      if (this.#state === 'on-trial') this.#tryLater();
      if (answer?.kind !== 'rejected') return answer;
      this.#options.onToken(true, answer.statusCode);
      return { kind: 'token-rejected', statusCode: answer.statusCode };
    }
    const meant = answer?.kind === 'rejected' ? this.#rejected(call, answer) : answer;
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
    for (const [messageId, rejected] of this.#unexplained) {
      if (rejected < order) this.#unexplained.delete(messageId);
    }
    if (this.#state === 'trusted' || this.#isDoubtful) return;
    const wasRejected = this.isRejected;
    clearTimeout(this.#timer);
    this.#state = 'trusted';
    if (wasRejected) this.#options.onToken(false, statusCode);
    this.#options.onChange();
  }

  #rejected(call: TokenCall, answer: Extract<Answer, { kind: 'rejected' }>): Answer {
    const { statusCode } = answer;
    this.#rejectedWith = statusCode;
    const counts = this.#isAboutMessage(call);
    const isExplained = counts || call.order < (this.#proved?.order ?? -1);
    if (!isExplained) this.#unexplained.set(call.messageId, call.order);
    if (this.#isDoubtful) this.#state = 'doubted';
    return this.#proved === null ? { kind: 'token-rejected', statusCode } : { ...answer, counts };
  }

  get #isDoubtful(): boolean {
    return this.#unexplained.size >= (this.#proved === null ? 1 : SEVERAL);
  }

  /** Whether the token is known to have been right when the message was rejected first. */
  #isAboutMessage({ messageId, rejectedSinceMs }: TokenCall): boolean {
    if (rejectedSinceMs === null || this.#proved === null) return false;
    const isAlone = this.#unexplained.size === (this.#unexplained.has(messageId) ? 1 : 0);
    return this.#proved.startedAtMs >= rejectedSinceMs - (isAlone ? SHORTLY_MS : 0);
  }

  #tryLater(): void {
    this.#state = 'rejected';
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
