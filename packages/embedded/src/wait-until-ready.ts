import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './spawn-server.ts';

const PROBE_EVERY_MS = 20;
const ABORT_GRACE_MS = 2_000;

export type ReadyOptions = {
  readonly timeoutMs: number;
  /** Aborted: the server is stopped, and the start fails. */
  readonly signal: AbortSignal | undefined;
};

/** The server ended, or did not answer in time. `log` is the end of what it wrote. */
export class ServerStartError extends Error {
  readonly log: string;
  constructor(message: string, log: string) {
    super(log === '' ? message : `${message}\nIt wrote:\n${log}`);
    this.name = 'ServerStartError';
    this.log = log;
  }
}

/**
 * Probes until the server answers.
 * @throws {ServerStartError} when it ends first, or has not answered within `timeoutMs` (it is stopped then).
 */
export async function waitUntilReady(
  name: string,
  server: ServerProcess,
  probe: () => Promise<boolean>,
  { timeoutMs, signal }: ReadyOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const exit = server.hasExited();
    if (exit !== undefined) {
      const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
      throw new ServerStartError(`${name} ended while starting (${how}).`, server.logTail());
    }
    if (signal?.aborted) {
      await server.stop(ABORT_GRACE_MS);
      throw new ServerStartError(`${name} was stopped while starting.`, '');
    }
    if (await probe()) return;
    if (Date.now() >= deadline) {
      await server.stop();
      throw new ServerStartError(`${name} did not answer within ${timeoutMs / 1000} s.`, server.logTail());
    }
    await sleep(PROBE_EVERY_MS);
  }
}
