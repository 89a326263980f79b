import { CommanderError } from 'commander';
import { connectTo } from './api/api.ts';
import type { Execute } from './context.ts';
import { reportFailure } from './failure-report.ts';
import { EXIT, ReaderGoneError, WrongUseError } from './failures.ts';
import { openOutput } from './output/output.ts';
import { paintFor } from './output/paint.ts';
import { buildProgram } from './program.ts';

export type Process = {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted by a signal, with its reason. */
  readonly stop: AbortController;
};

/**
 * One command, from its arguments to its exit code: 0 done, 1 refused or differences found, 2 wrong use, 3 not
 * reachable, 128 and the signal's number when it was stopped. What failed is told here and nowhere else.
 */
export async function runHerald(process: Process): Promise<number> {
  const { args, environment, stdin, stdout, stderr, stop } = process;
  // Known before anything is parsed: also a wrong use is told as a document.
  const isJson = args.includes('--json');
  const output = openOutput({ stdout, stderr }, isJson, environment, stop);
  let exitCode: number = EXIT.done;
  const execute: Execute = async (command, act) => {
    const url = readUrl(command.optsWithGlobals<{ url?: string }>().url, environment);
    const api = connectTo(url, stop.signal);
    exitCode = await act({
      ...{ api, output, stdin, signal: stop.signal },
      stop: (reason) => stop.abort(reason),
      now: () => new Date(),
    });
  };
  const complaints: string[] = [];
  const program = buildProgram(execute, {
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void complaints.push(text),
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (stop.signal.aborted && stop.signal.reason instanceof ReaderGoneError) return EXIT.done;
    const failure = stop.signal.aborted ? stop.signal.reason : readUsage(error, complaints);
    if (failure === null) return EXIT.done;
    const report = reportFailure(failure);
    const paint = paintFor(stderr.isTTY === true, environment);
    if (isJson) output.show(report.document, () => '');
    // What a usage says of itself needs no name before it.
    const name = report.lines[0]?.startsWith('Usage:') ? '' : `${paint('red', 'herald:')} `;
    output.note(`${name}${report.lines.join('\n')}`);
    return report.exitCode;
  }
}

/** What commander throws: also after it has shown a help that was asked for, which is no failure (`null`). */
function readUsage(error: unknown, complaints: readonly string[]): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return null;
  const text = complaints
    .join('')
    .trim()
    .replace(/^error: /, '')
    .replace(/^command-argument value ('.*') is invalid for argument '(.*)'\./s, '$1 is no <$2>.');
  return new WrongUseError(text === '' ? error.message : text);
}

const DEFAULT_URL = 'http://127.0.0.1:8000';

/** @throws {WrongUseError} on one that is no address of HTTP */
export function readUrl(given: string | undefined, environment: NodeJS.ProcessEnv): URL {
  const text = given ?? (environment.HERALD_URL?.trim() || DEFAULT_URL);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const name = given === undefined ? 'HERALD_URL' : '--url';
    throw new WrongUseError(
      `${name} must be an address such as ${DEFAULT_URL}, and is ${JSON.stringify(text)}.`,
    );
  }
  // Somebody may have taken it from the documentation of the API.
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
  return url;
}
