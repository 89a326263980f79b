import type {
  Interruption,
  LoggedOutcome,
  Observation,
  ObservedMailing,
  OutcomeKind,
  ProviderRequest,
  Strike,
} from '../observation.ts';

/** A made-up run: everything goes well unless it is told otherwise. Times are milliseconds from its beginning. */
export class Story {
  readonly #outcomes: LoggedOutcome[] = [];
  readonly #requests: ProviderRequest[] = [];
  readonly #interruptions: Interruption[] = [];
  readonly #strikes: Strike[] = [];
  readonly #messages: readonly number[];
  endAt = 3_600_000;

  /** Message ids from 1. All are queued at 0. */
  constructor(messages: number) {
    this.#messages = Array.from({ length: messages }, (_, index) => index + 1);
  }

  /** The provider takes a call after 5 ms, answers after 20, and the outcome is stored after 30. */
  sent(messageId: number, at: number): this {
    return this.requested(messageId, at).recorded(messageId, 'sent', at);
  }

  requested(messageId: number, at: number, changes: Partial<ProviderRequest> = {}): this {
    this.#requests.push({
      sequence: this.#requests.length + 1,
      at: at + 5,
      messageId,
      phone: 79_000_000_000 + messageId,
      text: 'Hello',
      idempotencyKey: String(messageId),
      accepted: true,
      respondedAt: at + 20,
      ...changes,
    });
    return this;
  }

  recorded(messageId: number, kind: OutcomeKind, at: number, durationMs = 20): this {
    const call = kind === 'expired' || kind === 'cancelled' ? null : { startedAt: at, durationMs };
    this.#outcomes.push({ messageId, kind, call, storedAt: at + durationMs + 10 });
    return this;
  }

  interrupted(interruption: Interruption): this {
    this.#interruptions.push(interruption);
    return this;
  }

  struck(from: number, until: number): this {
    this.#strikes.push({ what: 'a fault', from, until });
    return this;
  }

  tell(changes: Partial<ObservedMailing> = {}): Observation {
    const statuses = new Map<number, Exclude<OutcomeKind, 'refused' | 'lost'>>();
    for (const { messageId, kind } of this.#outcomes)
      if (kind !== 'refused' && kind !== 'lost' && !statuses.has(messageId)) statuses.set(messageId, kind);
    const counts = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
    for (const id of this.#messages) counts[statuses.get(id) ?? 'queued'] += 1;
    const mailing: ObservedMailing = {
      id: 'a-mailing',
      text: 'Hello',
      endAt: this.endAt,
      audience: this.#messages.length,
      planned: this.#messages.map((messageId) => ({
        messageId,
        clientId: `client-${messageId}`,
        queuedAt: 0,
      })),
      outcomes: this.#outcomes,
      statistics: { planned: this.#messages.length, counts },
      messages: this.#messages.map((id) => ({ id, status: statuses.get(id) ?? 'queued' })),
      ...changes,
    };
    return {
      mailings: [mailing],
      requests: this.#requests,
      interruptions: this.#interruptions,
      brokerAway: [],
      heldUp: [],
      strikes: this.#strikes,
      memory: [],
    };
  }
}
