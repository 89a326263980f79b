import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgramRun, runProgram } from '@herald/testkit';
import { onTestFinished } from 'vitest';
import { type FakeHerald, type Script, serveHerald } from './fake-herald.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts');
/** As `npm run herald` has it: a process starts in half the time. */
const COMPILE_CACHE = join(import.meta.dirname, '..', '..', '..', '.tools', 'compile-cache');

export type CliRun = ProgramRun & {
  /** Its standard output as documents, one a line. */
  documents(): readonly Record<string, unknown>[];
};

/** The command as a process of its own, through pipes. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { url = 'http://127.0.0.1:1', input, directory, environment = {} } = options;
  const run = await runProgram(process.execPath, [MAIN, ...args], {
    environment: {
      ...{ PATH: process.env.PATH, HERALD_URL: url, NODE_COMPILE_CACHE: COMPILE_CACHE },
      ...environment,
    },
    ...(input !== undefined && { input }),
    ...(directory !== undefined && { directory }),
  });
  const documents = () =>
    run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { ...run, documents };
}

export type CliOptions = {
  readonly url?: string;
  readonly input?: string | Buffer;
  readonly directory?: string;
  readonly environment?: NodeJS.ProcessEnv;
};

/** A fake Herald that is closed with the test. */
export async function withHerald(routes: Readonly<Record<string, Script>>): Promise<FakeHerald> {
  const herald = await serveHerald(routes);
  onTestFinished(() => herald.close());
  return herald;
}

/** A folder that is removed with the test. */
export async function withFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'herald-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

export const MAILING = '88db4d2c-7c27-401b-8f3b-c2e2eb17dd54';
export const CLIENT = '70b97d61-19ab-4ef0-a700-de9fcc78d4ec';

export const AT = '2026-11-23T10:00:00.000Z';

/** `GET /mailings/{id}/stats` */
export const someStatistics = (changes: object = {}): Record<string, unknown> => ({
  mailing: MAILING,
  status: 'running',
  audienceResolved: true,
  planned: 100,
  counts: { queued: 100, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
  retries: 0,
  firstSentAt: null,
  lastSentAt: null,
  timeline: [],
  asOf: AT,
  ...changes,
});

export const someCounts = (changes: object) => ({
  ...{ queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
  ...changes,
});

/** `GET /mailings/{id}` */
export const someMailing = (changes: object = {}): Record<string, unknown> => ({
  ...{ id: MAILING, name: 'Autumn', text: 'Hello', status: 'running', filter: { everyone: true } },
  ...{ startAt: AT, endAt: AT, localWindow: null, rateLimit: null, priority: 5, version: 1 },
  ...{ createdAt: AT, updatedAt: AT, startedAt: AT, endedAt: null, settledAt: null },
  ...changes,
});

/** `GET /clients/{id}` */
export const someClient = (changes: object = {}): Record<string, unknown> => ({
  ...{ id: CLIENT, phone: '79161234567', operatorCode: '916', tag: 'vip', timezone: 'UTC', version: 1 },
  ...{ createdAt: AT, updatedAt: AT },
  ...changes,
});
