import { once } from 'node:events';
import { ReaderGoneError } from '../failures.ts';
import { type Paint, paintFor } from './paint.ts';

/** Where a command says what it has to say. */
export type Output = {
  /** One JSON document a line, for programs. */
  readonly isJson: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly paint: Paint;
  /** How wide a line of standard output may be; `undefined` where nobody minds. */
  width(): number | undefined;
  /** For people, on standard output; nothing with `--json`. */
  line(text: string): void;
  /** For people, beside the result, on standard error; nothing with `--json`. */
  note(text: string): void;
  /** A document, with `--json`; otherwise what people are shown in its place. */
  show(document: unknown, draw: () => string): void;
  /** Waits until the reader has taken what was written, so that a slow one bounds our memory. */
  flush(): Promise<void>;
};

type Streams = { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream };

/** @param stop ends the command when whoever reads its output has gone */
export function openOutput(
  { stdout, stderr }: Streams,
  isJson: boolean,
  environment: NodeJS.ProcessEnv,
  stop: AbortController,
): Output {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    stop.abort(error.code === 'EPIPE' ? new ReaderGoneError() : error);
  });
  // Nobody reads what we say beside the result; the result may still be wanted.
  stderr.on('error', () => {});
  const write = (text: string): void => {
    // After the reader has gone every write would be an error of its own.
    if (!stop.signal.aborted || !(stop.signal.reason instanceof ReaderGoneError)) stdout.write(`${text}\n`);
  };
  return {
    isJson,
    stdout,
    stderr,
    paint: paintFor(stdout.isTTY === true, environment),
    width: () => (stdout.isTTY ? stdout.columns : undefined),
    line: (text) => {
      if (!isJson) write(text);
    },
    note: (text) => {
      if (!isJson) stderr.write(`${text}\n`);
    },
    show: (document, draw) => write(isJson ? JSON.stringify(document) : draw()),
    flush: async () => {
      if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal: stop.signal });
    },
  };
}
