import type { MessageCounts, MessageStatus } from '@herald/contracts';

/** Everything that the checker is shown of a run. All times are milliseconds since 1970, of one machine's clock. */
export type Observation = {
  readonly mailings: readonly ObservedMailing[];
  /** What arrived at the provider, in the order of arrival. */
  readonly requests: readonly ProviderRequest[];
  readonly interruptions: readonly Interruption[];
  /** When the broker was not there: nothing could be recorded then. */
  readonly brokerAway: readonly Interval[];
  /** When requests to the provider were held up on their way: they arrived when it was over. */
  readonly heldUp: readonly Interval[];
  readonly strikes: readonly Strike[];
  readonly memory: readonly MemoryPeak[];
};

export type Interval = { readonly from: number; readonly until: number };

/** A request as the provider's journal has it. */
export type ProviderRequest = {
  readonly sequence: number;
  /** When its head had arrived. */
  readonly at: number;
  readonly messageId: number | null;
  readonly phone: number | null;
  readonly text: string | null;
  readonly idempotencyKey: string | null;
  /** The provider would deliver the message, or has already. */
  readonly accepted: boolean;
  /** When the answer had been handed over whole; null where it never was. */
  readonly respondedAt: number | null;
};

export type PlannedMessage = {
  readonly messageId: number;
  readonly clientId: string;
  /** When its batch stood in the log. */
  readonly queuedAt: number;
};

export type OutcomeKind = 'sent' | 'failed' | 'unknown' | 'expired' | 'cancelled' | 'refused' | 'lost';

/** One thing that the log says of one message. `refused` and `lost` are calls that did not end it. */
export type LoggedOutcome = {
  readonly messageId: number;
  readonly kind: OutcomeKind;
  /** The call it tells of; null where none was made. */
  readonly call: { readonly startedAt: number; readonly durationMs: number } | null;
  readonly storedAt: number;
};

export type ObservedMailing = {
  readonly id: string;
  readonly text: string;
  readonly endAt: number;
  /** From `MailingAudienceResolved`. */
  readonly audience: number | null;
  readonly planned: readonly PlannedMessage[];
  /** In the order of the log. */
  readonly outcomes: readonly LoggedOutcome[];
  readonly statistics: { readonly planned: number; readonly counts: MessageCounts };
  /** The list of messages that the statistics show. */
  readonly messages: readonly { readonly id: number; readonly status: MessageStatus }[];
};

/** What was done to a sender, so that calls of it may have been cut off. */
export type Interruption =
  | { readonly kind: 'killed'; readonly what: string; readonly at: number }
  | ({ readonly kind: 'frozen'; readonly what: string } & Interval);

/** A fault, from its beginning to when all was well again. */
export type Strike = Interval & { readonly what: string };

/** The most memory that the processes of one part ever had resident. */
export type MemoryPeak = { readonly part: string; readonly megabytes: number };

/** Something that must not be. */
export type Finding = { readonly rule: string; readonly detail: string };
