import { fieldOf, type Problem } from './api/problem.ts';
import { EXIT, InterruptedError, NotReachableError, RefusedError, WrongUseError } from './failures.ts';

/** A failure as it is told: what the process ends with, what people read, what programs read. */
export type FailureReport = {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly document: { readonly error: object };
};

export function reportFailure(error: unknown): FailureReport {
  if (error instanceof RefusedError) {
    return { exitCode: EXIT.refused, lines: tellProblem(error.problem), document: { error: error.problem } };
  }
  if (error instanceof WrongUseError) return plain(EXIT.wrongUse, 'wrong-use', error.message);
  if (error instanceof NotReachableError) {
    const { problem, message } = error;
    const document = { error: problem ?? { code: 'not-reachable', detail: message } };
    return { exitCode: EXIT.notReachable, lines: [message], document };
  }
  if (error instanceof InterruptedError) return plain(error.exitCode, 'interrupted', error.message);
  // A bug, or a disk that is full: the stack is for who mends it.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return plain(EXIT.refused, 'failed', text);
}

const plain = (exitCode: number, code: string, detail: string): FailureReport => ({
  exitCode,
  lines: detail.split('\n'),
  document: { error: { code, detail } },
});

/** `The end is already past: endAt is already past (mailing-end-in-past)`; several faults get a line each. */
export function tellProblem(problem: Problem): string[] {
  const { title, detail, code, errors = [] } = problem;
  if (code === 'route-unknown' || code === 'method-not-allowed') return [UNKNOWN_CALL];
  const mark = code === undefined ? '' : ` (${code})`;
  const faults = errors.map(({ path, message }) => `${fieldOf(path)} ${message}`.trim());
  if (faults.length === 1) {
    // The detail of a problem with one fault repeats it, with a pointer in place of the name.
    const [{ path, message } = { path: '', message: '' }] = errors;
    const isSaid =
      detail === undefined || trimStop(detail).endsWith(message) || detail.startsWith(`${fieldOf(path)} `);
    return [`${title}: ${isSaid ? faults[0] : `${trimStop(detail)}: ${faults[0]}`}${mark}.`];
  }
  // Some details begin with the title, and say more.
  const both = detail?.startsWith(title) ? trimStop(detail) : `${title}: ${trimStop(detail ?? '')}`;
  const head = detail === undefined || faults.length > 1 ? title : both;
  return [`${head}${mark}.`, ...faults.map((fault) => `  ${fault}`)];
}

const UNKNOWN_CALL =
  'The Herald at this address cannot do this (route-unknown): it may be of an older release.';

const trimStop = (sentence: string): string => sentence.replace(/\.$/, '');
