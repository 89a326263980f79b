import type { Collected, Measured } from '../measure/measured.ts';
import { median, ratiosOf, spreadOf } from '../measure/statistics.ts';
import type { Figure } from './figure.ts';

/** The figure of a reference by the name of the figure that is compared with it. */
export type References = Readonly<Record<string, string>>;

/** Makes a figure of what all rounds came to. */
export function summarize(scenario: string, collected: Collected, references: References): readonly Figure[] {
  return [...collected].map(([name, rounds]) => {
    const values = rounds.map(({ value }) => value);
    const reference = references[name];
    return {
      scenario,
      name,
      unit: rounds[0]?.unit ?? '',
      rounds: values,
      ...spreadOf(values),
      ratio: reference === undefined ? null : ratioTo(reference, values, collected.get(reference) ?? []),
      cpu: cpuOf(rounds),
      peakMiB: peaksOf(rounds),
      details: mediansOf(rounds.map(({ details = {} }) => details)),
    };
  });
}

function ratioTo(reference: string, values: readonly number[], others: readonly Measured[]): Figure['ratio'] {
  const ratios = ratiosOf(
    values,
    others.map(({ value }) => value),
  );
  return ratios.length === 0 ? null : { reference, rounds: [...ratios], ...spreadOf(ratios) };
}

function cpuOf(rounds: readonly Measured[]): Figure['cpu'] {
  const thing = rounds[0]?.per?.thing;
  if (thing === undefined) return null;
  const each = rounds.map(({ per, usage = {} }) => {
    const count = per?.count ?? 1;
    return Object.fromEntries(
      Object.entries(usage).map(([process, { cpuMs }]) => [process, (cpuMs * 1_000) / count]),
    );
  });
  const totals = each.map((times) => Object.values(times).reduce((sum, time) => sum + time, 0));
  return { thing, total: median(totals), byProcess: mediansOf(each) };
}

function peaksOf(rounds: readonly Measured[]): Record<string, number> {
  const peaks: Record<string, number> = {};
  for (const { usage = {} } of rounds) {
    for (const [process, { peakMiB }] of Object.entries(usage)) {
      peaks[process] = Math.max(peaks[process] ?? 0, peakMiB);
    }
  }
  return peaks;
}

/** Of each name the median of the rounds that have it. */
function mediansOf(rounds: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(rounds.flatMap(Object.keys));
  return Object.fromEntries(
    [...names].map((name) => [name, median(rounds.flatMap((round) => round[name] ?? []))]),
  );
}
