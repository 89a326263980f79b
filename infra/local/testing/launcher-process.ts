import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@herald/testkit';
import { z } from 'zod';

const line = z.looseObject({ msg: z.string() });
const descriptionFile = z.object({
  gateway: z.array(z.string()),
  natsUrl: z.string(),
  databaseUrl: z.string(),
  provider: z.string(),
  providerControl: z.string().optional(),
  providerToken: z.string(),
  processes: z.array(z.object({ name: z.string(), pid: z.int(), port: z.int() })),
});

export type LogLine = z.infer<typeof line>;
export type RunningSystem = z.infer<typeof descriptionFile>;

export type LauncherProcess = {
  readonly pid: number;
  readonly lines: readonly LogLine[];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Waits for a line whose message begins so. */
  said(beginning: string): Promise<LogLine>;
  /** What `system.json` says now. */
  system(): Promise<RunningSystem>;
  signal(signal: NodeJS.Signals): void;
  /** To the launcher and all services in its process group, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
};

export type LauncherSettings = {
  readonly dataDirectory: string;
  readonly port: number;
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
};

const SCRIPT = join(import.meta.dirname, 'start-with-fakes.ts');

/** Starts the launcher, with stand-ins for the services, in a process group of its own. */
export function spawnLauncher(settings: LauncherSettings): LauncherProcess {
  const { dataDirectory, port, args = [], environment = {} } = settings;
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    detached: true,
    env: { ...process.env, HERALD_DATA: dataDirectory, PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(line.parse(JSON.parse(text))));
  const pid = child.pid ?? 0;
  return {
    pid,
    lines,
    exited: exitOf(child),
    said: (beginning) =>
      eventually(() => lines.find(({ msg }) => msg.startsWith(beginning)), {
        timeoutMs: 25_000,
        message: `the launcher says "${beginning}"`,
      }),
    system: async () =>
      descriptionFile.parse(JSON.parse(await readFile(join(dataDirectory, 'system.json'), 'utf8'))),
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => void process.kill(-pid, signal),
  };
}

function exitOf(child: ChildProcess): LauncherProcess['exited'] {
  // Closed rather than exited: all that it said has been read by then.
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
}
