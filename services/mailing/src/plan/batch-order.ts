import { BATCH_SIZE } from '@herald/contracts';

/** A batch by its place in the plan. */
export interface PlacedBatch {
  readonly batch: number;
  /** Index of its time zone. */
  readonly zone: number;
  /** How many messages stand in the batches before it. */
  readonly before: number;
  readonly size: number;
}

const chunksOf = (clients: number): number => Math.ceil(clients / BATCH_SIZE);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** What a plan comes to. @param clients how many clients each time zone has */
export function totalsOf(clients: readonly number[]): { messages: number; batches: number } {
  return { messages: sum(clients), batches: sum(clients.map(chunksOf)) };
}

/**
 * The batches of a plan in their order, from one on. The first batches of all zones come before the second ones, so that no
 * zone waits for the biggest. All but the last batch of a zone are full, so where each stands follows from the counts.
 *
 * @param clients how many clients each time zone has
 * @param from number of the first batch wanted, 0 or more
 * @param most how many are wanted at most
 */
export function batchesFrom(clients: readonly number[], from: number, most: number): readonly PlacedBatch[] {
  const found: PlacedBatch[] = [];
  const chunks = clients.reduce((highest, count) => Math.max(highest, chunksOf(count)), 0);
  let chunk = chunkOf(clients, from, chunks);
  let batch = batchesBefore(clients, chunk);
  let before = sum(clients.map((count) => Math.min(count, chunk * BATCH_SIZE)));
  for (; chunk < chunks; chunk += 1) {
    for (const [zone, count] of clients.entries()) {
      const size = Math.min(BATCH_SIZE, count - chunk * BATCH_SIZE);
      if (size <= 0) continue;
      if (found.length >= most) return found;
      if (batch >= from) found.push({ batch, zone, before, size });
      batch += 1;
      before += size;
    }
  }
  return found;
}

/** How many batches stand before the first one of a chunk. */
const batchesBefore = (clients: readonly number[], chunk: number): number =>
  sum(clients.map((count) => Math.min(chunksOf(count), chunk)));

/** The highest chunk that begins at a batch or before it, by bisection: a large plan has a hundred thousand of them. */
function chunkOf(clients: readonly number[], batch: number, chunks: number): number {
  let low = 0;
  let high = chunks;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (batchesBefore(clients, middle) <= batch) low = middle;
    else high = middle - 1;
  }
  return low;
}
