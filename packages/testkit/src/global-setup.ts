import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { eventually } from './eventually.ts';
import { prepareInfrastructure } from './prepare-infrastructure.ts';
import { findLeakedProcesses, RUN_MARKER } from './process-leaks.ts';

/** What was just told to stop may take this long to be gone. */
const LEAK_GRACE_MS = 5_000;

/** Prepares the servers of an integration run; the function it returns leaves nothing behind. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = randomUUID();
  process.env[RUN_MARKER] = run;
  const directory = await mkdtemp(join(tmpdir(), 'herald-test-'));
  try {
    const { provided, release } = await prepareInfrastructure(directory, run);
    project.provide('testInfrastructure', provided);
    return async () => {
      try {
        await release();
        await refuseLeaks(run);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** @throws with the processes which a test has left running; they are ended. */
async function refuseLeaks(run: string): Promise<void> {
  const allGone = async () => (await findLeakedProcesses(run)).length === 0;
  await eventually(allGone, { timeoutMs: LEAK_GRACE_MS }).catch(() => undefined);
  const leaked = await findLeakedProcesses(run);
  for (const { pid } of leaked) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone in the meantime.
    }
  }
  if (leaked.length === 0) return;
  const list = leaked.map(({ pid, commandLine }) => `  ${pid} ${commandLine}`).join('\n');
  throw new Error(`Tests have left processes behind:\n${list}`);
}
