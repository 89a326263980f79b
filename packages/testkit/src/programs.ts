import { spawn } from 'node:child_process';
import { eventually } from './eventually.ts';

export type ProgramRun = {
  /** 128 and the signal's number for one that died of a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type ProgramOptions = {
  /** All of it: nothing is inherited but what is named here. */
  readonly environment: NodeJS.ProcessEnv;
  readonly directory?: string;
};

/** Runs a program to its end as a script does: through pipes. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { environment, directory, input = '' }: ProgramOptions & { readonly input?: string | Buffer },
): Promise<ProgramRun> {
  const child = spawn(command, args, { env: environment, cwd: directory, stdio: 'pipe' });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  // A program may end before it has read all.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  return {
    code,
    stdout: Buffer.concat(stdout).toString('utf8'),
    stderr: Buffer.concat(stderr).toString('utf8'),
  };
}

export type ProgramInTerminal = {
  readonly pid: number;
  /** All that it has written, with what steers the terminal. */
  output(): string;
  /** Types. */
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until it has written something that fits. */
  until(pattern: RegExp): Promise<void>;
  /** Its exit code. */
  readonly exited: Promise<number>;
};

/** Starts a program in a terminal of its own, as somebody who sits before it does. */
export async function startInTerminal(
  command: string,
  args: readonly string[],
  { environment, directory = process.cwd() }: ProgramOptions,
): Promise<ProgramInTerminal> {
  // Only who needs it loads it: it brings compiled code.
  const { spawn: spawnInTerminal } = await import('@lydell/node-pty');
  const terminal = spawnInTerminal(command, [...args], {
    ...{ name: 'xterm-256color', cols: 120, rows: 40 },
    env: { TERM: 'xterm-256color', ...environment },
    cwd: directory,
  });
  let written = '';
  terminal.onData((text) => {
    written += text;
  });
  const exited = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode));
  });
  const output = (): string => written;
  return {
    pid: terminal.pid,
    output,
    type: (keys) => terminal.write(keys),
    resize: (columns, rows) => terminal.resize(columns, rows),
    until: async (pattern) => {
      await eventually(() => pattern.test(written), { message: `${pattern} is written` }).catch((error) => {
        throw new Error(`${error.message} It has written: ${JSON.stringify(written)}`);
      });
    },
    exited,
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /\u001b\[[0-9;?]*[A-Za-z]|\u001b[78]|\r/g;

/** What was written to a terminal as a text: without colours and moves. */
export const withoutControls = (written: string): string => written.replaceAll(CONTROLS, '');
