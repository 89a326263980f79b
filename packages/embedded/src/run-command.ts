import { execFile } from 'node:child_process';

export type CommandResult = {
  readonly ok: boolean;
  /** Standard output. */
  readonly output: string;
  /** Both outputs, or why it could not be started: for an error message. */
  readonly transcript: string;
};

type CommandOptions = {
  readonly workingDirectory?: string;
  readonly timeoutMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** Aborted: the command is killed. */
  readonly signal?: AbortSignal | undefined;
};

/** Runs a command to its end, by force after `timeoutMs` (60 s). Never throws. */
export function runCommand(
  command: string,
  args: readonly string[],
  { workingDirectory, timeoutMs = 60_000, environment, signal }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      {
        ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
        ...(environment === undefined ? {} : { env: environment }),
        ...(signal === undefined ? {} : { signal }),
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, output, errors) => {
        const transcript = [output, errors, error === null ? '' : error.message].join('\n').trim();
        resolve({ ok: error === null, output, transcript });
      },
    );
  });
}
