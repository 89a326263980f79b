import type { Readable } from 'node:stream';

/** A page of the terminal that is drawn anew in place. `close` gives the terminal back as it was. */
export type LiveScreen = {
  /** @param footer the last line, which is there however small the page is */
  draw(lines: readonly string[], footer: string): void;
  close(): void;
};

const SECOND_PAGE = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const FIRST_PAGE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const TO_TOP = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_PAGE = '\u001b[J';
const CTRL_C = '\u0003';

/**
 * Opens the second page of the terminal, so that what stood there is there again afterwards. Keys are not shown; `q` and
 * Ctrl-C end it.
 *
 * @param onQuit called at `q`, `onInterrupt` at Ctrl-C, which is no signal while keys are read one by one
 */
export function openLiveScreen(
  stdout: NodeJS.WriteStream,
  stdin: NodeJS.ReadStream | Readable,
  { onQuit, onInterrupt }: { readonly onQuit: () => void; readonly onInterrupt: () => void },
): LiveScreen {
  let last: readonly [lines: readonly string[], footer: string] = [[], ''];
  const draw: LiveScreen['draw'] = (lines, footer) => {
    last = [lines, footer];
    // What does not fit is cut off: a page that scrolls would not stand still. Too long lines are cut by the terminal.
    const shown = [...lines.slice(0, Math.max(0, (stdout.rows ?? 24) - 2)), footer];
    stdout.write(`${TO_TOP}${shown.map((line) => `${line}${REST_OF_LINE}\n`).join('')}${REST_OF_PAGE}`);
  };
  const redraw = (): void => draw(...last);
  const hear = (keys: Buffer): void => {
    const text = keys.toString('utf8');
    if (text.includes(CTRL_C)) onInterrupt();
    else if (text.includes('q')) onQuit();
  };
  const keyboard = 'setRawMode' in stdin && stdin.isTTY ? stdin : null;
  keyboard?.setRawMode(true);
  keyboard?.on('data', hear);
  stdout.on('resize', redraw);
  stdout.write(SECOND_PAGE);
  return {
    draw,
    close: () => {
      stdout.off('resize', redraw);
      keyboard?.off('data', hear);
      keyboard?.setRawMode(false);
      keyboard?.pause();
      stdout.write(FIRST_PAGE);
    },
  };
}
