import type { BreakdownRow, MessageStatus } from '@herald/contracts';
import { STATUSES } from '../../database/statuses.ts';

/** How many messages stand in each status, by the value that they are counted by. */
export class Cells {
  readonly #counts = new Map<string | null, number[]>();

  add(value: string | null, status: MessageStatus, messages: number): void {
    if (messages === 0) return;
    let counts = this.#counts.get(value);
    if (counts === undefined) {
      counts = STATUSES.map(() => 0);
      this.#counts.set(value, counts);
    }
    const index = STATUSES.indexOf(status);
    counts[index] = (counts[index] ?? 0) + messages;
  }

  /** The most frequent values first; equally frequent ones in their order. */
  rows(): BreakdownRow[] {
    return [...this.#counts]
      .map(([value, counts]) => rowOf(value, counts))
      .sort((a, b) => b.planned - a.planned || (a.value ?? '').localeCompare(b.value ?? '', 'en'));
  }
}

/** Several rows in one. */
export function sumOf(value: string | null, rows: readonly BreakdownRow[]): BreakdownRow {
  return rowOf(
    value,
    STATUSES.map((status) => rows.reduce((sum, row) => sum + row.counts[status], 0)),
  );
}

function rowOf(value: string | null, numbers: readonly number[]): BreakdownRow {
  const [queued = 0, sent = 0, failed = 0, expired = 0, cancelled = 0, unknown = 0] = numbers;
  const planned = numbers.reduce((sum, count) => sum + count, 0);
  return { value, planned, counts: { queued, sent, failed, expired, cancelled, unknown } };
}
