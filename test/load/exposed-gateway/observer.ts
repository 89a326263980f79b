/**
 * A process of its own, so that what it measures is the gateway and not the process that sends the load: the resident
 * memory of a process, and how long `GET /healthz` takes over a new connection. Prints what it saw as JSON at the end
 * of its standard input.
 *
 * node observer.ts PID PORT
 */
import { readFile } from 'node:fs/promises';
import { sendRaw } from './raw-request.ts';

const EVERY_MS = 50;
const [pid = '', port = ''] = process.argv.slice(2);
const times: number[] = [];
let failures = 0;
let rssMiB = 0;
let observing = true;

process.stdin.resume().on('end', () => {
  observing = false;
});

while (observing) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  rssMiB = Math.max(rssMiB, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024);
  const head = ['GET /healthz HTTP/1.1', 'Host: localhost', 'Connection: close'];
  const answer = await sendRaw({ port: Number(port), head, patienceMs: 60_000 });
  if (answer.kind === 'answered' && answer.status === 200) times.push(answer.afterMs);
  else failures += 1;
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
times.sort((one, other) => one - other);
const percentile = (percent: number): number =>
  times[Math.min(times.length - 1, Math.ceil((times.length * percent) / 100) - 1)] ?? 0;
process.stdout.write(
  JSON.stringify({
    rssMiB: Math.round(rssMiB),
    p50: percentile(50),
    p99: percentile(99),
    max: percentile(100),
    failures,
  }),
);
