import { cutText, formatCount, formatDuration } from './text.ts';

/** How far something is. */
export type ProgressState = {
  readonly done: number;
  /** `null` where nobody knows. */
  readonly total: number | null;
  /** What is counted, as in "420 messages/s". */
  readonly unit: string;
  /** Where the rate is told in another measure than how far it is: lines of a file, whose end is known in bytes. */
  readonly counted?: number;
  /** In the unit, a second; measured here where nobody says it. */
  readonly perSecond?: number | null;
  readonly millisecondsLeft?: number | null;
  readonly note?: string;
  /** What programs are told with `--json`; by default the state itself. */
  readonly document?: unknown;
};

const BAR_WIDTH = 24;

/** A narrow terminal needs its room for the figures. */
const barWidthIn = (columns: number): number =>
  columns >= 100 ? BAR_WIDTH : columns >= 60 ? 12 : columns >= 36 ? 6 : 0;

/** One line without colours or control characters: `██████░░░░  60 % | 1 800/3 000 | 420 messages/s | 3 s left | running`. */
export function drawProgress(state: ProgressState, width: number): string {
  const { done, total, unit, counted, perSecond, millisecondsLeft, note = '' } = state;
  const share = total === null || total <= 0 ? null : Math.min(1, done / total);
  const parts = [
    share === null ? '' : `${drawBar(share, barWidthIn(width))} ${formatShare(share)}`.trim(),
    counted === undefined && total !== null
      ? `${formatCount(done)}/${formatCount(total)} ${unit}`
      : `${formatCount(counted ?? done)} ${unit}`,
    perSecond === null || perSecond === undefined ? '' : `${formatRate(perSecond)}/s`,
    millisecondsLeft === null || millisecondsLeft === undefined
      ? ''
      : `${formatDuration(millisecondsLeft)} left`,
    note,
  ];
  return cutText(parts.filter((part) => part !== '').join(' | '), width);
}

export function drawBar(share: number, width: number): string {
  const filled = Math.floor(Math.max(0, Math.min(1, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** Never 100 before all is done. */
const formatShare = (share: number): string => `${Math.floor(share * 100)}`.padStart(3).concat(' %');

const formatRate = (perSecond: number): string =>
  perSecond >= 10 || perSecond === 0 ? formatCount(perSecond) : perSecond.toFixed(1);
