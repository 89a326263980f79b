import { Presets, SingleBar } from 'cli-progress';
import { type Statistics, settledCount } from './figures.ts';
import { formatCount } from './result-table.ts';
import type { Screen } from './screen.ts';

/** What somebody who waits is shown. */
export type Progress = {
  show(stats: Statistics): void;
  stop(): void;
};

const LINE_EVERY_MS = 2_000;

/** A bar in a terminal; elsewhere, where a bar would be garbage, a line every 2 s. */
export function createProgress(screen: Screen, clients: number): Progress {
  return screen.isTerminal ? createBar(clients) : createLines(screen.say, clients, () => performance.now());
}

function createBar(clients: number): Progress {
  const format =
    ' {bar} {percentage}% | {value}/{total} | {rate} messages/s | {duration_formatted} | {status}';
  const bar = new SingleBar({ format, stream: process.stdout, hideCursor: true }, Presets.shades_classic);
  const begin = performance.now();
  bar.start(clients, 0, { rate: 0, status: 'scheduled' });
  return {
    show: (stats) => {
      const done = settledCount(stats);
      const rate = Math.round((done * 1_000) / Math.max(1, performance.now() - begin));
      bar.update(done, { rate, status: stats.status });
    },
    stop: () => bar.stop(),
  };
}

/** @param nowMs a steady clock. */
export function createLines(say: (line: string) => void, clients: number, nowMs: () => number): Progress {
  let before = { atMs: nowMs(), done: 0 };
  return {
    show: (stats) => {
      const atMs = nowMs();
      if (atMs - before.atMs < LINE_EVERY_MS) return;
      const done = settledCount(stats);
      const rate = ((done - before.done) * 1_000) / (atMs - before.atMs);
      before = { atMs, done };
      const share = Math.floor((100 * done) / clients);
      say(
        `  ${share}% | ${formatCount(done)}/${formatCount(clients)} | ${formatCount(rate)} messages/s | ${stats.status}`,
      );
    },
    stop: () => {},
  };
}
