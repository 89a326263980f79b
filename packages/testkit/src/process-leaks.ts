import { readdir, readFile } from 'node:fs/promises';

/** Set in the environment of the run: every process that it starts, however indirectly, carries it on. */
export const RUN_MARKER = 'HERALD_TEST_RUN';

export type LeakedProcess = { readonly pid: number; readonly commandLine: string };

/** Processes of this run which still live, apart from vitest's own. Linux only: elsewhere none are found. */
export async function findLeakedProcesses(run: string): Promise<readonly LeakedProcess[]> {
  if (process.platform !== 'linux') return [];
  const leaked: LeakedProcess[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readProcessFile(pid, 'environ');
    if (!environment.split('\0').includes(`${RUN_MARKER}=${run}`)) continue;
    const commandLine = (await readProcessFile(pid, 'cmdline')).replaceAll('\0', ' ').trim();
    if (commandLine !== '' && !(await isOwnWorker(pid, commandLine))) leaked.push({ pid, commandLine });
  }
  return leaked;
}

/** Test workers and the transformer's helper are children of vitest itself and end after the teardown. */
async function isOwnWorker(pid: number, commandLine: string): Promise<boolean> {
  const status = await readProcessFile(pid, 'status');
  const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
  return parent === process.pid && /vitest|esbuild|rolldown/.test(commandLine);
}

function readProcessFile(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
