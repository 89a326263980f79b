import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort, isPortFree } from '@herald/embedded';
import { z } from 'zod';

const rememberedPorts = z.record(z.string(), z.int().min(1).max(65_535));

/** Port by the name of what listens there. */
export type Ports = Readonly<Record<string, number>>;

export type PortsRequest = {
  readonly dataDirectory: string;
  readonly names: readonly string[];
  /** How long a port from last time may still be held by what an earlier run has left, in ms. */
  readonly patienceMs: number;
  /** Promised to others. */
  readonly taken: ReadonlySet<number>;
};

/**
 * A free port for every name: the one of last time (`ports.json` in the data folder) unless somebody has taken
 * it, else another. Names which are not asked for now keep theirs for the next time.
 */
export async function assignPorts({ dataDirectory, names, patienceMs, taken }: PortsRequest): Promise<Ports> {
  const file = join(dataDirectory, 'ports.json');
  const remembered = await readPorts(file);
  const assigned: Record<string, number> = {};
  const used = new Set(taken);
  const keepable = await Promise.all(names.map((name) => isFreeInTime(remembered[name], patienceMs)));
  for (const [index, name] of names.entries()) {
    const before = remembered[name];
    const keep = before !== undefined && keepable[index] === true && !used.has(before);
    const port = keep ? before : await findUnusedPort(used);
    used.add(port);
    assigned[name] = port;
  }
  await writeFile(`${file}.new`, `${JSON.stringify({ ...remembered, ...assigned }, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return assigned;
}

/** Waits up to `patienceMs` for a port to become free. */
export async function isFreeInTime(port: number | undefined, patienceMs: number): Promise<boolean> {
  if (port === undefined) return false;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    if (await isPortFree(port)) return true;
    if (Date.now() >= deadline) return false;
    await sleep(50);
  }
}

async function findUnusedPort(used: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (!used.has(port)) return port;
  }
}

async function readPorts(file: string): Promise<Ports> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return rememberedPorts.parse(JSON.parse(text));
  } catch {
    // Nothing is lost with it but the habit of certain ports.
    return {};
  }
}
