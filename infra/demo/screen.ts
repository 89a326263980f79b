/** Where people, or a file, read what the demo does. */
export type Screen = {
  readonly isTerminal: boolean;
  /** A line of its own, also while a progress bar is there: the bar is drawn anew below it. */
  say(line: string): void;
};

const ERASE_LINE = '\r\u001b[K';

export function openScreen(stream: NodeJS.WriteStream): Screen {
  // A reader that has gone (`npm run demo | head`) is no reason to die: there is something to clean up.
  stream.on('error', () => {});
  const isTerminal = stream.isTTY === true;
  return { isTerminal, say: (line) => void stream.write(`${isTerminal ? ERASE_LINE : ''}${line}\n`) };
}
