import { z } from 'zod';
import type { HeraldEvent } from './event.ts';
import type { EventData } from './events/catalogue.ts';

/** The facts that say what became of one message at one time. */
export type OutcomeType =
  | 'MessageSent'
  | 'MessageFailed'
  | 'MessageRetried'
  | 'MessageUndecided'
  | 'MessageUnknown';

/** What became of one message at one time, whichever form of the log it stands in. */
export type MessageOutcome = {
  [Type in OutcomeType]: { readonly type: Type; readonly data: Omit<EventData<Type>, 'clientId'> };
}[OutcomeType];

/** One outcome as it stands in a record with others of its batch. */
export type GroupedOutcome = EventData<'OutcomesRecorded'>['outcomes'][number];

/** An outcome, and when it happened. */
export interface DatedOutcome {
  readonly outcome: MessageOutcome;
  /** ISO 8601. */
  readonly at: string;
}

/** Outcomes are written in groups; an event of its own for each of them is how they were written before. */
export function outcomesOf(event: HeraldEvent): DatedOutcome[] {
  switch (event.type) {
    case 'OutcomesRecorded':
      return event.data.outcomes.map((grouped) => ({
        outcome: ungroup(event.data, grouped),
        at: new Date(momentOf(grouped, event.time)).toISOString(),
      }));
    case 'MessageSent':
    case 'MessageFailed':
    case 'MessageRetried':
    case 'MessageUndecided':
    case 'MessageUnknown':
      return [{ outcome: event, at: event.time }];
    default:
      return [];
  }
}

const several = z.looseObject({
  type: z.literal('OutcomesRecorded'),
  data: z.looseObject({ outcomes: z.array(z.unknown()).min(2) }),
});

/**
 * Cuts a record of several outcomes that cannot be read into records of one outcome each, so that the one that is bad
 * takes no other along. Nothing where it is no such record.
 */
export function cutRecord(text: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const record = several.safeParse(json);
  if (!record.success) return [];
  const { data } = record.data;
  return data.outcomes.map((outcome) =>
    JSON.stringify({ ...record.data, data: { ...data, outcomes: [outcome] } }),
  );
}

/**
 * An outcome as it stands in a record with others of its batch.
 *
 * @param firstMessageId of the batch
 * @param at when it was decided, milliseconds since 1970; left out where its call tells when it ended
 */
export function groupOutcome(
  {
    type,
    data,
  }: { readonly type: OutcomeType; readonly data: MessageOutcome['data'] & { clientId?: string } },
  firstMessageId: number,
  at: number,
): GroupedOutcome {
  const { mailingId: _mailing, batch: _batch, clientId: _client, messageId, ...facts } = data;
  const hasCall = 'call' in facts && facts.call !== null;
  const moment = hasCall ? {} : { at: new Date(at).toISOString() };
  // Type and facts come from the same member of the union.
  return { type, place: messageId - firstMessageId, ...facts, ...moment } as GroupedOutcome;
}

function ungroup(
  { mailingId, batch, firstMessageId }: EventData<'OutcomesRecorded'>,
  { type, place, at: _at, ...facts }: GroupedOutcome,
): MessageOutcome {
  // Type and facts come from the same member of the union.
  return { type, data: { mailingId, batch, messageId: firstMessageId + place, ...facts } } as MessageOutcome;
}

/** The last moment that an `instant` can name, milliseconds since 1970. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * When an outcome of a record was decided, in whole milliseconds since 1970.
 *
 * @param recordedAt when the record was made (ISO 8601): there is no earlier moment where no call was made
 */
export function momentOf(grouped: GroupedOutcome, recordedAt: string): number {
  const call = 'call' in grouped ? grouped.call : null;
  if (call === null) return Date.parse(grouped.at ?? recordedAt);
  const endedAt = Math.trunc(Date.parse(call.startedAt) + call.durationMs);
  return endedAt <= LAST_MOMENT ? endedAt : Date.parse(recordedAt);
}
