import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The most resident memory of the gateway, and how long its `/healthz` took (milliseconds). */
export type Observation = {
  readonly rssMiB: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Health checks that were not answered with 200. */
  readonly failures: number;
};

/** Observes the gateway from another process while some work runs. */
export async function observe<Result>(
  gateway: { readonly pid: number; readonly port: number },
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly seen: Observation }> {
  const script = join(import.meta.dirname, 'observer.ts');
  const observer = spawn(process.execPath, [script, String(gateway.pid), String(gateway.port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = text(observer.stdout);
  try {
    const result = await work();
    observer.stdin.end();
    return { result, seen: JSON.parse(await said) as Observation };
  } finally {
    observer.stdin.end();
  }
}
