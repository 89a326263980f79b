import Table from 'cli-table3';
import { type Journal, STATUSES, type Statistics, sendingRate } from './figures.ts';

export type DemoResult = {
  readonly clients: number;
  readonly stats: Statistics;
  readonly provider: Journal;
  /** From the order of the mailing until all was settled. */
  readonly durationMs: number;
};

type Row = readonly [name: string, value: string];

/** Whole numbers with thin groups, the same on every machine. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US').replaceAll(',', ' ');
}

export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** What the system says, row by row. */
export function systemRows({ clients, stats, durationMs }: DemoResult): readonly Row[] {
  const rate = sendingRate(stats);
  return [
    ['clients', formatCount(clients)],
    ['planned', formatCount(stats.planned)],
    ...STATUSES.map((status): Row => [status, formatCount(stats.counts[status])]),
    ['retries', formatCount(stats.retries)],
    ['duration', formatSeconds(durationMs)],
    ['messages/s', rate === null ? '–' : formatCount(rate)],
  ];
}

/** What the provider says, row by row. */
export function providerRows({ requests, distinctAccepted, repeatedAccepted }: Journal): readonly Row[] {
  return [
    ['requests', formatCount(requests)],
    ['distinct accepted', formatCount(distinctAccepted)],
    ['repeated', formatCount(repeatedAccepted)],
  ];
}

/** Both side by side. */
export function renderResult(result: DemoResult): string {
  const left = systemRows(result);
  const right = providerRows(result.provider);
  const table = new Table({
    head: ['Herald', '', 'Provider', ''],
    colAligns: ['left', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [index, row] of left.entries()) table.push([...row, ...(right[index] ?? ['', ''])]);
  return table.toString();
}
