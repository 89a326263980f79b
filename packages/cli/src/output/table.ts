import Table from 'cli-table3';
import type { Paint } from './paint.ts';

export type Column = { readonly title: string; readonly align?: 'right' };

/** Columns with blanks between them and no lines: it reads well, and `grep` and `awk` can work with it. */
const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: '  ',
};

/** @param rows cells that steer no terminal (`oneLine`); they may be painted */
export function drawTable(
  columns: readonly Column[],
  rows: ReadonlyArray<readonly string[]>,
  paint: Paint,
): string {
  const table = new Table({
    head: columns.map(({ title }) => paint('bold', title)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) table.push([...row]);
  return trimLines(table.toString());
}

/** One entity: a name and a value a line. */
export function drawDetails(rows: ReadonlyArray<readonly [string, string]>, paint: Paint): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return trimLines(rows.map(([name, value]) => `${paint('dim', name.padEnd(width))}  ${value}`).join('\n'));
}

const trimLines = (text: string): string => text.replaceAll(/ +$/gm, '');
