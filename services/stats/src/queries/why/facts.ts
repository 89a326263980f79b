import type { LocalWindow, Mailing, MailingFilter, MessageStatus } from '@herald/contracts';
import type { HistoryEntry } from '../message-history/history.ts';

/** What in the log says something. */
export interface Source {
  /** Null where it cannot be read. */
  readonly event: string | null;
  readonly position: number;
  /** ISO 8601. */
  readonly at: string;
}

/** A mailing as its newest event has it, and the events of its life that explain something. */
export interface MailingFacts {
  readonly status: Mailing['status'];
  readonly startAt: string;
  readonly endAt: string;
  readonly localWindow: LocalWindow | null;
  /** The event that set these: its creation, or the newest change. */
  readonly settings: Source;
  /** With what held then; null where it has not started. */
  readonly started: StartFacts | null;
  /** The pause that no resumption has followed. */
  readonly paused: Source | null;
  readonly expired: Source | null;
  readonly deleted: Source | null;
  readonly plan: PlanFacts;
}

export interface StartFacts extends Source {
  readonly startedAt: string;
  readonly filter: MailingFilter;
  readonly localWindow: LocalWindow | null;
}

export type PlanFacts =
  /** Its messages are still being queued. */
  | { readonly kind: 'incomplete' }
  /** The log has all of them, and the statistics not. */
  | { readonly kind: 'not-folded'; readonly resolved: Source }
  | { readonly kind: 'complete'; readonly resolved: Source };

/** A client as one of its events has left it. */
export interface ClientVersion extends Source {
  readonly operatorCode: string;
  readonly tag: string;
  readonly timezone: string;
  readonly isRemoved: boolean;
}

export interface ClientFacts {
  /** Null where it was not registered then. Of a mailing that has not started this says nothing. */
  readonly atStart: ClientVersion | null;
  readonly first: ClientVersion | null;
  readonly newest: ClientVersion | null;
  /** An event of it that may stand before the start and is not folded yet. */
  readonly unfolded: Source | null;
}

/** The message, as the statistics have it. */
export interface MessageFacts {
  readonly status: MessageStatus;
  /** The zone in which it was queued. */
  readonly timezone: string;
  /** All that happened to it up to there, its batch first. */
  readonly history: readonly HistoryEntry[];
  /** Where its last change stands, and when it was (ISO 8601). */
  readonly position: number;
  readonly at: string;
}

/** Everything that an explanation is made of. */
export interface Facts {
  readonly now: Date;
  /** Null where the statistics have not met it, or cannot read it. */
  readonly mailing: MailingFacts | null;
  /** The newest event of the mailing in the log. */
  readonly mailingInLog: Source;
  readonly client: ClientFacts;
  readonly message: MessageFacts | null;
  /** Records about the mailing, its messages or the client that could not be folded, in their order. */
  readonly unreadable: readonly Source[];
}
