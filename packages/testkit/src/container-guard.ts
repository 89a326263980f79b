import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'remove-abandoned-containers.ts');

/** Stands by until it is dismissed; should this process end before, the containers of the run are removed. */
export type ContainerGuard = { dismiss(): Promise<void> };

/**
 * A process of its own, since vitest ends at once on Ctrl-C, and in a group of its own, since Ctrl-C ends the
 * whole group. It takes the end of its input for the end of this process.
 */
export function startContainerGuard(run: string): ContainerGuard {
  const guard = spawn(process.execPath, [SCRIPT, run], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = once(guard, 'exit');
  guard.unref();
  return {
    dismiss: async () => {
      // Else nothing would keep this process alive until the guard is gone.
      guard.ref();
      guard.kill('SIGKILL');
      await exited;
    },
  };
}
