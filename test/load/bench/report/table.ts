import Table from 'cli-table3';
import { formatCount } from '../../../../infra/demo/result-table.ts';
import type { Figure } from './figure.ts';

const style = { head: [], border: [], compact: true };

/** Three significant digits; whole numbers from 100 on. */
export function formatValue(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(value) : String(Number(value.toPrecision(3)));
}

/** What every figure came to, and how it compares with its reference. */
export function renderFigures(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['Figure', 'Median', 'Unit', 'Lowest–highest', '÷ reference', '(lowest–highest)', 'CPU', 'Further'],
    colAligns: ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'left'],
    style,
  });
  for (const figure of figures) {
    const { name, median, unit, ratio, cpu } = figure;
    table.push([
      name,
      formatValue(median),
      unit,
      rangeOf(figure),
      ratio === null ? '' : `${ratio.median.toFixed(3)} ${ratio.reference}`,
      ratio === null ? '' : `${ratio.min.toFixed(3)}–${ratio.max.toFixed(3)}`,
      cpu === null ? '' : `${formatValue(cpu.total)} µs/${cpu.thing}`,
      furtherOf(figure),
    ]);
  }
  return table.toString();
}

/** Processor time for one thing and the peak of memory, process by process. */
export function renderProcesses(figures: readonly Figure[]): string {
  const counted = figures.filter(({ cpu }) => cpu !== null);
  const processes = [...new Set(counted.flatMap(({ peakMiB }) => Object.keys(peakMiB)))].sort();
  const table = new Table({
    head: ['CPU µs / peak MiB', ...processes],
    colAligns: ['left', ...processes.map(() => 'right' as const)],
    style,
  });
  for (const { name, cpu, peakMiB } of counted) {
    const cells = processes.map((process) => {
      const time = cpu?.byProcess[process];
      return time === undefined ? '' : `${formatValue(time)} / ${formatCount(peakMiB[process] ?? 0)}`;
    });
    table.push([name, ...cells]);
  }
  return table.toString();
}

const rangeOf = ({ min, max }: { min: number; max: number }): string =>
  `${formatValue(min)}–${formatValue(max)}`;

const furtherOf = ({ details }: Figure): string =>
  Object.entries(details)
    .map(([name, value]) => `${name} ${formatValue(value)}`)
    .join(', ');
