import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { askInstances, type Runtime } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { TOKEN } from './simulator.ts';

/** A machine that is busy with other things takes its time to load a service, milliseconds. */
const STARTED_WITHIN_MS = 60_000;

export interface SpawnOptions {
  readonly environment?: Record<string, string>;
  /** The service itself, or the one for tests, whose lease is short (default). */
  readonly main?: '../../src/main.ts' | './sender-process.ts';
}

/** The senders of a test that are processes of their own. */
export class SenderProcesses {
  readonly #runtime: Runtime;
  readonly #environment: Record<string, string>;
  readonly #running = new Set<ChildProcess>();

  constructor(runtime: Runtime, natsUrl: string, providerUrl: string) {
    this.#runtime = runtime;
    this.#environment = { NATS_URL: natsUrl, PROVIDER_URL: providerUrl, PROVIDER_TOKEN: TOKEN };
  }

  /** Starts one, and waits until it answers. */
  async start({ environment = {}, main = './sender-process.ts' }: SpawnOptions = {}): Promise<ChildProcess> {
    const instance = `process-${crypto.randomUUID()}`;
    const child = spawn(process.execPath, [join(import.meta.dirname, main)], {
      env: {
        ...process.env,
        ...this.#environment,
        SENDER_CONCURRENCY: '8',
        LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal',
        INSTANCE: instance,
        ...environment,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#running.add(child);
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the sender ended with ${code ?? signal}`);
    });
    const isUp = async (): Promise<boolean> => {
      const instances = await askInstances(this.#runtime.broker);
      return instances.some((report) => report.instance === instance);
    };
    const up = eventually(isUp, { timeoutMs: STARTED_WITHIN_MS, message: 'the sender answers' });
    // Whichever loses the race may fail later, when nobody waits for it.
    ended.catch(() => {});
    up.catch(() => {});
    await Promise.race([ended, up]);
    return child;
  }

  async end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    this.#running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Ends what a test has left, also where it failed. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.end(child, 'SIGKILL')));
  }
}
