import { connect } from 'node:net';
import { eventually } from '@herald/testkit';
import { request } from 'undici';
import type { Herald } from '../../e2e/support/herald.ts';
import { isAlive } from '../../e2e/support/process-table.ts';

const BACK_MS = 60_000;
const PROBE_MS = 2_000;

/** Waits until another process than `before` does the work of a part. */
export async function untilBack(herald: Herald, part: string, before: number): Promise<void> {
  const isBack = async () => {
    const { processes } = await herald.describe();
    const now = processes.find(({ name }) => name === part);
    if (now === undefined || now.pid === before || !isAlive(now.pid)) return false;
    return part === 'nats-server' || part === 'postgres' ? takesConnections(now.port) : isReady(now.port);
  };
  await eventually(isBack, { timeoutMs: BACK_MS, everyMs: 50, message: `${part} is back` });
}

async function isReady(port: number): Promise<boolean> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/readyz`, {
    headersTimeout: PROBE_MS,
    reset: true,
  });
  await body.dump();
  return statusCode === 200;
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (taken: boolean) => () => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(PROBE_MS, answer(false));
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
  });
}
