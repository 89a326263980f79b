import { formatCount } from '../../../../infra/demo/result-table.ts';
import type { Screen } from '../../../../infra/demo/screen.ts';

export type StatusLine = {
  /** What is being measured from now on. */
  begin(title: string, about: string): void;
  show(what: string, done: number, total: number): void;
  /** A line that stays. */
  say(line: string): void;
};

const IN_TERMINAL_EVERY_MS = 100;
const ELSEWHERE_EVERY_MS = 5_000;

/**
 * Tells somebody who waits how far it is: in a terminal one line that moves, elsewhere a line every 5 s.
 * @param nowMs a steady clock
 */
export function createStatusLine(
  screen: Screen,
  write: (text: string) => void,
  nowMs: () => number,
): StatusLine {
  const everyMs = screen.isTerminal ? IN_TERMINAL_EVERY_MS : ELSEWHERE_EVERY_MS;
  let title = '';
  let shownAt = nowMs();
  return {
    begin: (next, about) => {
      title = next;
      screen.say(`${title}: ${about}`);
    },
    show: (what, done, total) => {
      if (nowMs() - shownAt < everyMs) return;
      shownAt = nowMs();
      const line = `  ${title}: ${formatCount(done)} of ${formatCount(total)} ${what}`;
      if (screen.isTerminal) write(`\r\u001b[K${line}`);
      else screen.say(line);
    },
    say: (line) => screen.say(`  ${line}`),
  };
}
