import type { LocalWindow } from '@herald/contracts';
import type { OpenMailing } from '../mailings/open-mailing.ts';
import type { Standing } from '../mailings/standing.ts';
import type { FirstRejection } from '../provider/token-trust.ts';
import type { Recipient } from '../recipients/directory.ts';
import type { WindowLook } from '../recipients/window-clock.ts';
import type { Decisions } from './decisions.ts';
import type { LookedUp } from './look-up.ts';
import type { MadeCall, RestBody } from './outcome.ts';
import type { Deferral } from './parked-batches.ts';
import type { MessageProgress, OutcomeBody } from './progress.ts';
import type { UndecidedMessage } from './undecided.ts';

/** A message that is not known to have ended, with whom it goes to once that is known. */
export interface Message extends MessageProgress {
  readonly recipient: Recipient | null;
}

/** The messages of a batch by their place in it, and what is done with them now. */
interface Work {
  readonly messages: readonly Message[];
  /** Between the begin of a call and the outcome in the log. */
  readonly inFlight: number;
}

/** Delivered to us; whether it is ours, and what has become of it, is being asked. */
export type Claimed = { readonly kind: 'claimed' };
/** Whom its messages go to is being asked. */
export type Resolving = { readonly kind: 'resolving'; readonly messages: readonly MessageProgress[] };
/** Its messages are being called for. */
export type Sending = Work & {
  readonly kind: 'sending';
  /** Places of messages in the order of their turns. */
  readonly queue: readonly number[];
  /** How many of the queue had their turn. */
  readonly turns: number;
  /** Places of those whose window was closed when their turn came. */
  readonly passedOver: readonly number[];
};
/** As sending, while the provider may not be called: the breaker is open, it asked for a pause, or the token is wrong. */
export type Waiting = Omit<Sending, 'kind'> & { readonly kind: 'waiting' };
/** Begins nothing any more; waits until what is in flight stands in the log. */
export type Draining = Work & { readonly kind: 'draining'; readonly halt: Halt };
/** Its mailing is over: the end of what remains is being recorded, without a call. */
export type Ending = { readonly kind: 'ending' };
/** Every message has ended: that is being recorded, and the delivery acknowledged. */
export type Completing = { readonly kind: 'completing' };

/** Given back until a window opens. */
export type Parked = { readonly kind: 'parked' };
/** Given back until a later attempt. */
export type Retrying = { readonly kind: 'retrying' };
/** Given back because it is not ours to send now: paused, past the end by the clock, or this sender stops. */
export type Returned = { readonly kind: 'returned' };
export type Done = { readonly kind: 'done' };
/** Let go without a word: it is somebody else's, or nobody can be told. */
export type Abandoned = { readonly kind: 'abandoned' };

/** The life of a batch in the hand of one sender, from its delivery to the moment where it is in nobody's hand. */
export type BatchState =
  | Claimed
  | Resolving
  | Sending
  | Waiting
  | Draining
  | Ending
  | Completing
  | Parked
  | Retrying
  | Returned
  | Done
  | Abandoned;

/** Why a batch begins nothing any more before it is through, the weakest first: the stronger reason wins. */
export const HALTS = ['past-end', 'returned', 'broken', 'over', 'lease-lost', 'taken'] as const;
export type Halt =
  /** The end has come by the clock: wait for it in the log. */
  | 'past-end'
  /** Paused, or this sender stops: given back at once. */
  | 'returned'
  /** An error of ours that is not about a single message: given back for a while. */
  | 'broken'
  /** Expired or deleted in the log: the rest ends without a call. */
  | 'over'
  /** It may be somebody else's already: given back all the same, since no two can claim it. */
  | 'lease-lost'
  /** It is somebody else's, or the log does not take our outcomes: let go. */
  | 'taken';

/**
 * Why an outcome could not be written: nothing can be made of it that the log takes (`refused`), the log has no room at
 * a stop (`full`), or the writer or the connection was closed under it (`closed`).
 */
export type Unwritten = 'refused' | 'full' | 'closed';

/** What happens to a batch. */
export type BatchEvent =
  /** It was delivered. */
  | { readonly kind: 'delivered' }
  /** Whether nobody else works on it; from now on, if so, nobody else will. */
  | { readonly kind: 'claimed'; readonly ours: boolean }
  | { readonly kind: 'looked-up'; readonly found: LookedUp }
  /** By client id; who was removed is missing. `null`: nobody answers, ask again in so many milliseconds. */
  | {
      readonly kind: 'resolved';
      readonly recipients: ReadonlyMap<string, Recipient> | null;
      readonly restMs: number;
    }
  /** A slot is free for its next message. */
  | { readonly kind: 'turn' }
  /** A call came to an end; `null` when none was made after all. */
  | {
      readonly kind: 'called';
      readonly place: number;
      readonly made: MadeCall | null;
      readonly mailingVersion: number;
    }
  /** A call, or its preparation, broke by an error of ours. `asked`: the provider may have been called. */
  | {
      readonly kind: 'call-broke';
      readonly place: number;
      readonly mailingVersion: number;
      readonly asked: boolean;
      readonly reason: string;
    }
  /** What `record` commands asked for stands in the log, all of it in one record. */
  | {
      readonly kind: 'recorded';
      readonly outcomes: ReadonlyArray<{ readonly place: number; readonly body: OutcomeBody }>;
    }
  /** It could not be written, or the log will not have it. */
  | {
      readonly kind: 'unrecorded';
      readonly place: number;
      readonly body: OutcomeBody;
      readonly isLastTry: boolean;
      readonly why: Unwritten;
      readonly reason: string;
    }
  /** What an `end-rest` command asked for stands in the log. */
  | { readonly kind: 'rest-ended' }
  /** `complete` or `acknowledge` was carried out. */
  | { readonly kind: 'completed' }
  /** What was asked for could not be done: the broker's trouble, or a log that cannot be read. */
  | { readonly kind: 'failed' }
  /** Its mailing changed, or came to its guard or its end. */
  | { readonly kind: 'mailing-changed' }
  /** Whether the provider may be called has changed. */
  | { readonly kind: 'provider-changed' }
  /** Not renewed in time, or the connection was lost. `taken`: somebody else has it for certain. */
  | { readonly kind: 'lease-lost'; readonly taken: boolean }
  /** This sender has no use for it any more: it stops, or others are better placed. */
  | { readonly kind: 'stop' };

/** What is to be done next. */
export type Command =
  /** See to it that nobody else works on it. */
  | { readonly kind: 'claim' }
  | { readonly kind: 'look-up' }
  | { readonly kind: 'resolve'; readonly clientIds: string[] }
  | {
      readonly kind: 'call';
      readonly place: number;
      readonly messageId: number;
      readonly recipient: Recipient;
      readonly open: OpenMailing;
      /** The first call for it that was answered with 401 or 403; `null` if none was. */
      readonly rejected: FirstRejection | null;
    }
  /** `isLastTry`: it could not be written before, as it is or in other words. */
  | {
      readonly kind: 'record';
      readonly place: number;
      readonly body: OutcomeBody;
      readonly isLastTry?: boolean;
    }
  | { readonly kind: 'end-rest'; readonly bodies: readonly RestBody[] }
  /** Say once for ever that every message has ended, then acknowledge. */
  | { readonly kind: 'complete' }
  /** It was completed before. */
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'give-back'; readonly deferral: Deferral }
  /** Say loudly that a message could not be decided. */
  | { readonly kind: 'say-undecided'; readonly message: UndecidedMessage }
  /** Say loudly that a batch could not be decided. */
  | { readonly kind: 'say-broken'; readonly reason: string }
  /** Break off the calls under way. */
  | { readonly kind: 'abort-calls' }
  /** Stop reading what nobody waits for any more. */
  | { readonly kind: 'stop-reading' };

export interface Step {
  readonly state: BatchState;
  readonly commands: readonly Command[];
}

/** What a transition can know of the world. Nothing of it changes while one runs. */
export interface View {
  readonly mailingId: string;
  readonly batch: number;
  readonly decisions: Decisions;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `undefined` when the mailing is open no more. */
  readonly standing: Standing | undefined;
  readonly open: OpenMailing | undefined;
  /** Not a moment of the mailing is left: also calls under way must come to their end. */
  readonly isPastEnd: boolean;
  readonly leaseHeld: boolean;
  readonly mayCall: boolean;
  /** Whether the provider rejects our token, as far as is known: one call tries it every so often. */
  readonly isTokenRejected: boolean;
  /** Whether the provider honours the message id, so that a lost answer may be repeated. */
  readonly idempotent: boolean;
  /** How many calls in all a message has that the provider refuses for what it is. */
  readonly refusalAttempts: number;
  /** From 0 to 1, for jitter. */
  readonly random: number;
  /** How long this batch is known to wait for the window, milliseconds; 0 where nothing is known. */
  closedForMs(window: LocalWindow): number;
  look(window: LocalWindow, timezone: string): WindowLook;
  /** How long until the window opens in a zone, milliseconds. */
  untilOpening(window: LocalWindow, timezone: string): number;
}

/** How many messages wait for their turn. */
export const unstartedOf = (state: BatchState): number =>
  state.kind === 'sending' || state.kind === 'waiting' ? state.queue.length - state.turns : 0;

/** True when the batch is in our hand no more. */
export function isFinal(state: BatchState): state is Parked | Retrying | Returned | Done | Abandoned {
  switch (state.kind) {
    case 'parked':
    case 'retrying':
    case 'returned':
    case 'done':
    case 'abandoned':
      return true;
    default:
      return false;
  }
}
