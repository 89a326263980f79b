import { readdir, readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';

/**
 * Stops a process as it stands (SIGSTOP), and waits until each of its threads has stopped: on a busy machine one may answer
 * once more after the signal was sent. Elsewhere than on Linux nobody tells.
 */
export async function freezeProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  if (process.platform !== 'linux') return;
  await eventually(() => isStopped(pid), { everyMs: 2, message: `the process ${pid} stands still` });
}

async function isStopped(pid: number): Promise<boolean> {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
    // The state stands behind the name, which may hold spaces and brackets. A thread that is gone has none.
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    if (state !== 'T' && stat !== '') return false;
  }
  return true;
}
