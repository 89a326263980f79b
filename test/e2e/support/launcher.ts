import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@herald/testkit';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');
const SCRIPT = join('infra', 'local', 'start.ts');
const START_MS = 60_000;
/** What it said before the last so many lines is forgotten. */
const KEPT_LINES = 100_000;
/** What a test run sets for itself, or what would replace an embedded part by something of the machine. */
const NOT_PASSED_ON =
  /^(NODE_ENV|VITEST.*|NATS_(URL|USER|\w+_FILE)|DATABASE_URL|PROVIDER_(URL|TOKEN)|HOST|OPS_HOST|AUTH|INSTANCE|TEST|MODE|DEV|PROD|BASE_URL|SSR)$/;

/** What `system.json` says. */
export type SystemDescription = {
  readonly gateway: readonly string[];
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly provider: string;
  /** Where the simulator is the launcher's own. */
  readonly providerControl?: string;
  readonly providerToken: string;
  readonly dataDirectory: string;
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly port: number }[];
};

export type Launcher = {
  readonly pid: number;
  /** Waits until the whole system is ready. */
  ready(): Promise<SystemDescription>;
  system(): Promise<SystemDescription>;
  /** All that it and its services have said, on both outputs. */
  output(): string;
  readonly exited: Promise<number | NodeJS.Signals | null>;
  signal(signal: NodeJS.Signals): void;
};

export type LauncherExtras = {
  /** For the launcher, such as `--scale sender=2`. */
  readonly args?: readonly string[];
  /** Beside what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Starts the real launcher on a data folder; `HERALD_E2E_ECHO=1` shows what the system says. */
export function startLauncher(dataDirectory: string, port: number, extras: LauncherExtras = {}): Launcher {
  const { args = [], environment = {} } = extras;
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name));
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: CHECKOUT,
    env: {
      ...Object.fromEntries(inherited),
      HERALD_DATA: dataDirectory,
      PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let isReady = false;
  const hear = (line: string) => {
    if (process.env.HERALD_E2E_ECHO === '1') process.stderr.write(`${line}\n`);
    said.push(line);
    if (said.length > KEPT_LINES) said.shift();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    hear(line);
    if (line.endsWith('"msg":"ready"}')) isReady = true;
  });
  createInterface({ input: child.stderr }).on('line', hear);
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  );
  const system = async (): Promise<SystemDescription> =>
    JSON.parse(await readFile(join(dataDirectory, 'system.json'), 'utf8'));
  return {
    pid: child.pid ?? 0,
    exited,
    system,
    output: () => said.join('\n'),
    ready: async () => {
      const last = (): string => said.slice(-20).join('\n');
      const gone = exited.then(() => {
        throw new Error('The launcher ended before the system was ready.');
      });
      const up = eventually(() => isReady, { timeoutMs: START_MS, message: 'the system is ready' });
      await Promise.race([gone, up]).catch((error: Error) => {
        throw new Error(`${error.message} It said last:\n${last()}`, { cause: error });
      });
      return system();
    },
    signal: (signal) => void child.kill(signal),
  };
}
