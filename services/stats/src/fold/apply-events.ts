import type { FoldedEvent } from '@herald/postgres';
import type { Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { Chunk } from './chunk.ts';
import { loadBatches } from './load-batches.ts';
import { insertBatches, writeErrors, writeOutcomes } from './write-batches.ts';
import { writeClients } from './write-clients.ts';
import { writeCounts } from './write-counts.ts';
import { writeMailings } from './write-mailings.ts';

/** Writes a chunk of events of one lane: folded in memory first, then set-based. */
export async function applyEvents(
  transaction: Transaction<Tables>,
  lane: number,
  events: readonly FoldedEvent[],
): Promise<void> {
  const known = await loadBatches(
    transaction,
    events.map(({ event }) => event),
  );
  const chunk = new Chunk(known);
  for (const folded of events) chunk.add(folded);
  await writeMailings(transaction, chunk.mailings);
  await writeClients(transaction, chunk.clients);
  await insertBatches(transaction, chunk.queued);
  await writeOutcomes(transaction, chunk.batches.values());
  await writeErrors(transaction, chunk.errors);
  await writeCounts(transaction, lane, chunk.counts.all);
}
