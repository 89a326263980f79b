import type { MailingEventType } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { type QueryExecutorProvider, sql } from 'kysely';
import { readCounts, sumOf } from '../read-counts.ts';
import type { MailingFacts, PlanFacts, Source } from './facts.ts';
import { readEvent, sourceAt } from './read-events.ts';

/** Where the newest event of each type stands. */
type Newest = ReadonlyMap<MailingEventType, Source>;

/** What the statistics know of a mailing; `null` where they have not met it. */
export interface KnownMailing {
  readonly newest: Newest;
  readonly plan: 'incomplete' | 'not-folded' | 'complete';
}

export async function readMailing(
  transaction: QueryExecutorProvider,
  mailingId: string,
): Promise<KnownMailing | null> {
  const { rows } = await sql<{ type: MailingEventType; sequence: number; stored_at: number }>`
    select distinct on (type) type, sequence, stored_at from mailing_version where mailing_id = ${mailingId}::uuid
    order by type, sequence desc`.execute(transaction);
  const counts = await readCounts(transaction, mailingId);
  if (rows.length === 0 || counts === null) return null;
  const isQueued = sumOf(counts.counts) === counts.planned;
  return {
    newest: new Map(
      rows.map(({ type, sequence, stored_at }) => [
        type,
        { event: type, position: sequence, at: new Date(stored_at).toISOString() },
      ]),
    ),
    plan: !counts.audienceResolved ? 'incomplete' : isQueued ? 'complete' : 'not-folded',
  };
}

/** Reads the events that explain something, by their positions. @throws the broker's errors */
export async function gatherMailing(
  broker: Broker,
  { newest, plan }: KnownMailing,
): Promise<MailingFacts | null> {
  const find = async (type: MailingEventType): Promise<Source | null> => {
    const known = newest.get(type);
    return known === undefined ? null : sourceAt(broker, known);
  };
  const last = [...newest.values()].reduce((a, b) => (a.position > b.position ? a : b));
  const state = await readEvent(broker, last.position);
  if (state === null || !('mailing' in state.data)) return null;
  const { status, startAt, endAt, localWindow } = state.data.mailing;
  const [created, changed, started, paused, expired, deleted, resolved] = await Promise.all([
    find('MailingCreated'),
    find('MailingChanged'),
    readStart(broker, newest.get('MailingStarted')),
    find('MailingPaused'),
    find('MailingExpired'),
    find('MailingDeleted'),
    find('MailingAudienceResolved'),
  ]);
  const resumedAt = newest.get('MailingResumed')?.position ?? 0;
  return {
    status,
    startAt,
    endAt,
    localWindow,
    // Where neither could be folded the newest event has them all the same.
    settings: changed ?? created ?? last,
    started,
    paused: paused !== null && paused.position > resumedAt ? paused : null,
    expired,
    deleted,
    plan: planOf(plan, resolved),
  };
}

function planOf(kind: KnownMailing['plan'], resolved: Source | null): PlanFacts {
  return kind === 'incomplete' || resolved === null ? { kind: 'incomplete' } : { kind, resolved };
}

async function readStart(broker: Broker, known: Source | undefined): Promise<MailingFacts['started']> {
  if (known === undefined) return null;
  const event = await readEvent(broker, known.position);
  if (event === null || !('mailing' in event.data)) return null;
  const { filter, localWindow, startedAt } = event.data.mailing;
  return { ...known, at: event.time, startedAt: startedAt ?? event.time, filter, localWindow };
}
