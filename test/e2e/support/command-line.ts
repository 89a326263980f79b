import { join } from 'node:path';
import { type ProgramInTerminal, type ProgramRun, runProgram, startInTerminal } from '@herald/testkit';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(CHECKOUT, 'packages', 'cli', 'src', 'main.ts');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
export const COLOURS = /\u001b\[\d+m/;
export const CURSOR_SHOWN = '\u001b[?25h';

/** The command `herald` against a system: through pipes, with `--json`, and in a terminal. */
export class CommandLine {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #directory: string;

  /**
   * @param url where the gateway is
   * @param directory where the command works, and finds and leaves files
   */
  constructor(url: string, directory: string) {
    this.#directory = directory;
    this.#environment = {
      PATH: process.env.PATH,
      HERALD_URL: url,
      NODE_COMPILE_CACHE: join(CHECKOUT, '.tools', 'compile-cache'),
    };
  }

  run(args: readonly string[], input = ''): Promise<ProgramRun> {
    const options = { environment: this.#environment, directory: this.#directory, input };
    return runProgram(process.execPath, [MAIN, ...args], options);
  }

  /**
   * Through pipes, as people read it there.
   * @throws when it writes what steers a terminal
   */
  async plain(args: readonly string[]): Promise<ProgramRun> {
    const run = await this.run(args);
    if (CONTROLS.test(run.stdout + run.stderr))
      throw new Error(`herald ${args.join(' ')} steers a terminal: ${JSON.stringify(run)}`);
    return run;
  }

  /** @returns its documents and its exit code; standard error is empty, or it throws */
  async json<Result>(
    args: readonly string[],
  ): Promise<{ code: number; last: Result; all: readonly unknown[] }> {
    const { code, stdout, stderr } = await this.run([...args, '--json']);
    if (stderr !== '') throw new Error(`herald ${args.join(' ')} said: ${stderr}`);
    const all = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    // The one place where the test trusts the command; what it asserts is checked there.
    return { code, all, last: all.at(-1) as Result };
  }

  terminal(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ProgramInTerminal> {
    const options = { environment: { ...this.#environment, ...environment }, directory: this.#directory };
    return startInTerminal(process.execPath, [MAIN, ...args], options);
  }
}
