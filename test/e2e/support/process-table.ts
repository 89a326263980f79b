import { readdir, readFile } from 'node:fs/promises';

const read = (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

/**
 * Processes that belong to a data folder: it stands in their arguments (nats-server, postgres), in their environment
 * (launcher, services), or it is where they work (postgres' own children). Linux only: elsewhere none are found.
 */
export async function findProcessesOf(dataDirectory: string): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const commandLine = (await read(pid, 'cmdline')).replaceAll('\0', ' ').trim();
    const told = `${commandLine}\n${await read(pid, 'environ')}`;
    // An empty command line is a zombie's.
    if (commandLine !== '' && told.includes(dataDirectory)) found.push(`${pid} ${commandLine}`);
  }
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
