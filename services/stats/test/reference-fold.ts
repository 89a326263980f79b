import {
  type BreakdownBy,
  type BreakdownRow,
  type Client,
  type HeraldEvent,
  isClientEvent,
  isMailingEvent,
  type Mailing,
  type MessageCounts,
  outcomesOf,
} from '@herald/contracts';

/** An event as it stands in the log. */
export interface Standing {
  readonly event: HeraldEvent;
  readonly sequence: number;
  /** Whole milliseconds since 1970. */
  readonly storedAt: number;
}

interface ReferenceMessage {
  readonly clientId: string;
  readonly timezone: string;
  status: keyof MessageCounts;
  endedAt: number | null;
  attempts: number;
}

const COUNTS: MessageCounts = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };

/**
 * The statistics of one mailing, one event after another and one message after another, with nothing of what the service
 * does to be fast: the judge of what it answers.
 */
export class ReferenceFold {
  readonly #mailingId: string;
  readonly #clients = new Map<string, { readonly sequence: number; readonly client: Client }[]>();
  readonly messages = new Map<number, ReferenceMessage>();
  mailing: Mailing | null = null;
  #start: number | null = null;
  retries = 0;

  constructor(mailingId: string) {
    this.#mailingId = mailingId;
  }

  add({ event, sequence }: Standing): void {
    if (isClientEvent(event)) {
      const { client } = event.data;
      this.#clients.set(client.id, [...(this.#clients.get(client.id) ?? []), { sequence, client }]);
    } else if (isMailingEvent(event)) {
      if (event.data.mailing.id !== this.#mailingId) return;
      this.mailing = event.data.mailing;
      if (event.type === 'MailingStarted') this.#start = sequence;
    } else if (event.data.mailingId === this.#mailingId) {
      this.#addOfMessages(event);
    }
  }

  #addOfMessages(event: HeraldEvent): void {
    if (event.type === 'MessagesQueued') {
      const { clientIds, timezone, firstMessageId } = event.data;
      const fresh = { timezone, status: 'queued', endedAt: null, attempts: 0 } as const;
      for (const [place, clientId] of clientIds.entries())
        this.messages.set(firstMessageId + place, { ...fresh, clientId });
    } else if (event.type === 'MessagesExpired' || event.type === 'MessagesCancelled') {
      const status = event.type === 'MessagesExpired' ? 'expired' : 'cancelled';
      for (const id of event.data.messageIds) this.#end(id, status, Date.parse(event.time));
    }
    for (const { outcome, at } of outcomesOf(event)) {
      const { messageId, attempt } = outcome.data;
      if (outcome.type === 'MessageRetried' || outcome.type === 'MessageUndecided')
        this.#retry(messageId, attempt);
      else this.#end(messageId, STATUS_OF[outcome.type], Date.parse(at));
    }
  }

  #end(id: number, status: keyof MessageCounts, at: number): void {
    const message = this.messages.get(id);
    if (message?.status === 'queued') Object.assign(message, { status, endedAt: at });
  }

  #retry(id: number, attempt: number): void {
    const message = this.messages.get(id);
    if (message?.status !== 'queued' || attempt <= message.attempts) return;
    message.attempts = attempt;
    this.retries += 1;
  }

  /** What the answer is to say. Null before the mailing was there. */
  stats(): unknown {
    if (this.mailing === null) return null;
    const all = [...this.messages.values()];
    const sent = all.flatMap(({ status, endedAt }) =>
      status === 'sent' && endedAt !== null ? [endedAt] : [],
    );
    const iso = (moment: number): string | null =>
      Number.isFinite(moment) ? new Date(moment).toISOString() : null;
    return {
      status: this.mailing.status,
      name: this.mailing.name,
      audienceResolved: this.mailing.audience !== null,
      planned: this.mailing.audience?.messages ?? all.length,
      counts: countsOf(all),
      retries: this.retries,
      firstSentAt: iso(Math.min(...sent)),
      lastSentAt: iso(Math.max(...sent)),
    };
  }

  /** When messages ended, in bins of so many seconds. */
  timeline(seconds: number): unknown[] {
    const bins = new Map<number, ReferenceMessage[]>();
    for (const message of this.messages.values()) {
      if (message.endedAt === null) continue;
      const bin = message.endedAt - (message.endedAt % (seconds * 1_000));
      bins.set(bin, [...(bins.get(bin) ?? []), message]);
    }
    return [...bins]
      .sort(([a], [b]) => a - b)
      .map(([bin, ended]) => {
        const { queued: _, ...counts } = countsOf(ended);
        return { ...counts, at: new Date(bin).toISOString() };
      });
  }

  breakdown(by: BreakdownBy): BreakdownRow[] {
    const groups = new Map<string | null, ReferenceMessage[]>();
    for (const message of this.messages.values()) {
      const value = this.#valueOf(message, by);
      groups.set(value, [...(groups.get(value) ?? []), message]);
    }
    return [...groups].map(([value, messages]) => ({
      value,
      planned: messages.length,
      counts: countsOf(messages),
    }));
  }

  #valueOf({ clientId, timezone, endedAt }: ReferenceMessage, by: BreakdownBy): string | null {
    if (by === 'timezone') return timezone;
    if (by === 'hour') {
      if (endedAt === null) return null;
      const text = new Date(endedAt).toLocaleTimeString('ru-RU', { timeZone: timezone });
      return text.slice(0, 2);
    }
    const start = this.#start ?? Number.POSITIVE_INFINITY;
    const version = this.#clients.get(clientId)?.findLast(({ sequence }) => sequence <= start);
    return version?.client[by] ?? null;
  }
}

const STATUS_OF = { MessageSent: 'sent', MessageFailed: 'failed', MessageUnknown: 'unknown' } as const;

function countsOf(messages: readonly ReferenceMessage[]): MessageCounts {
  const counts = { ...COUNTS };
  for (const { status } of messages) counts[status] += 1;
  return counts;
}
