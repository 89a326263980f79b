import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@herald/testkit';
import { type BorrowedBroker, borrowBroker } from './broker.ts';
import { findFreePort } from './free-port.ts';
import { type Launcher, type LauncherExtras, type SystemDescription, startLauncher } from './launcher.ts';
import { findProcessesOf, isAlive } from './process-table.ts';
import { Provider } from './provider.ts';
import { Rest } from './rest.ts';

/** Whoever sends Ctrl-C waits no longer than this. */
const STOP_MS = 10_000;
const KILLED_MS = 10_000;
const BACK_MS = 30_000;

export type HeraldOptions = LauncherExtras & {
  /** Where the provider is told what to do, when the launcher has none of its own. */
  readonly providerControl?: string;
};

/** The whole system, as `npm start` brings it up, on a data folder and a port of its own. */
export class Herald {
  readonly api: Rest;
  readonly provider: Provider;
  readonly natsUrl: string;
  readonly #dataDirectory: string;
  readonly #port: number;
  readonly #options: HeraldOptions;
  readonly #broker: BorrowedBroker;
  #launcher: Launcher;

  private constructor(
    launcher: Launcher,
    where: SystemDescription,
    dataDirectory: string,
    port: number,
    options: HeraldOptions,
    broker: BorrowedBroker,
  ) {
    this.#launcher = launcher;
    this.#dataDirectory = dataDirectory;
    this.#port = port;
    this.#options = options;
    this.#broker = broker;
    this.api = new Rest(`http://127.0.0.1:${port}`);
    this.provider = new Provider(where.providerControl ?? options.providerControl ?? '');
    this.natsUrl = where.natsUrl;
  }

  static async start(given: HeraldOptions = {}): Promise<Herald> {
    const broker = await borrowBroker(given.environment ?? {});
    const dataDirectory = await mkdtemp(join(tmpdir(), 'herald-e2e-'));
    const port = await findFreePort();
    const options = { ...given, environment: { ...broker.environment, ...given.environment } };
    const launcher = startLauncher(dataDirectory, port, options);
    try {
      return new Herald(launcher, await launcher.ready(), dataDirectory, port, options, broker);
    } catch (error) {
      launcher.signal('SIGTERM');
      await launcher.exited;
      await broker.stop();
      await rm(dataDirectory, { recursive: true, force: true });
      throw error;
    }
  }

  get launcherPid(): number {
    return this.#launcher.pid;
  }

  /** All that the launcher that runs now and its services have said. */
  output(): string {
    return this.#launcher.output();
  }

  /** Where everything of it is at this moment. */
  describe(): Promise<SystemDescription> {
    return this.#launcher.system();
  }

  /** The process id that a part has now; `undefined` while it is away. */
  async pidOf(part: string): Promise<number | undefined> {
    const { processes } = await this.#launcher.system();
    return processes.find(({ name }) => name === part)?.pid;
  }

  /** @returns the id of the process that was signalled */
  async signal(part: string, signal: NodeJS.Signals): Promise<number> {
    const pid = await this.pidOf(part);
    if (pid === undefined) throw new Error(`${part} does not run`);
    process.kill(pid, signal);
    return pid;
  }

  /** Kills a part, and waits until the launcher has brought another process in its place. */
  async killAndAwaitReturn(part: string): Promise<void> {
    const before = await this.signal(part, 'SIGKILL');
    const isBack = async () => {
      const now = await this.pidOf(part);
      return now !== undefined && now !== before && isAlive(now);
    };
    await eventually(isBack, { timeoutMs: BACK_MS, message: `${part} is back` });
  }

  /** As a power cut does: launcher, services and servers at once. Nothing of it is left afterwards. */
  async killEverything(): Promise<void> {
    const { processes } = await this.#launcher.system();
    for (const pid of [this.#launcher.pid, ...processes.map((each) => each.pid)])
      process.kill(pid, 'SIGKILL');
    await this.#launcher.exited;
    await this.#nothingRuns(KILLED_MS);
  }

  /** Starts again on the same data and port. */
  async startAgain(): Promise<void> {
    this.#launcher = startLauncher(this.#dataDirectory, this.#port, this.#options);
    await this.#launcher.ready();
  }

  /**
   * Stops everything as Ctrl-C does.
   *
   * @throws when it takes too long, ends in an error or leaves processes or locks behind
   */
  async stop(): Promise<void> {
    await Promise.all([this.api.close(), this.provider.close()]);
    const begin = performance.now();
    this.#launcher.signal('SIGTERM');
    const code = await this.#launcher.exited;
    const tookMs = performance.now() - begin;
    try {
      await this.#nothingRuns(0);
      if (code !== 0) throw new Error(`the launcher ended with ${code}`);
      if (tookMs > STOP_MS) throw new Error(`the system took ${Math.round(tookMs)} ms to stop`);
      const left = ['system.json', 'launcher.lock'].filter((file) =>
        existsSync(join(this.#dataDirectory, file)),
      );
      if (left.length > 0) throw new Error(`the system has left ${left.join(', ')} in its folder`);
    } finally {
      await this.#broker.stop();
      await rm(this.#dataDirectory, { recursive: true });
    }
  }

  async #nothingRuns(timeoutMs: number): Promise<void> {
    let left: readonly string[] = [];
    const isGone = async () => {
      left = await findProcessesOf(this.#dataDirectory);
      return left.length === 0;
    };
    await eventually(isGone, { timeoutMs, message: 'no process is left' }).catch((error: unknown) => {
      throw new Error(`Processes are left: ${left.join('; ')}`, { cause: error });
    });
  }
}
