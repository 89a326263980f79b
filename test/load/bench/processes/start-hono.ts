import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ProcessUsage, resetPeak, usageOf } from '../measure/process-usage.ts';

const SCRIPT = join(import.meta.dirname, 'bare-hono.ts');

/** The bare Hono server, in a process of its own. */
export class BareHono {
  readonly base: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.base = `http://127.0.0.1:${port}`;
  }

  /** @throws when it ends before it has said its port */
  static async start(databaseUrl: string): Promise<BareHono> {
    const child = spawn(process.execPath, [SCRIPT, databaseUrl], { stdio: ['pipe', 'pipe', 'inherit'] });
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`The bare Hono server ended with ${code}.`);
    });
    const [port] = await Promise.race([once(child.stdout, 'data'), gone]);
    gone.catch(() => {});
    return new BareHono(child, Number(port));
  }

  /** What it uses while something is done. */
  async whileDoing<Result>(
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly usage: ProcessUsage }> {
    const pid = this.#child.pid ?? 0;
    await resetPeak(pid);
    const before = await usageOf(pid);
    const result = await work();
    const after = await usageOf(pid);
    return { result, usage: { cpuMs: after.cpuMs - before.cpuMs, peakMiB: after.peakMiB } };
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await exited;
  }
}
