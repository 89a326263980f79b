import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findExecutable } from '../find-executable.ts';
import { type CommandResult, runCommand } from '../run-command.ts';
import { keepBinary } from './keep-binary.ts';

/** Runs apt-get in a workspace of its own: its lists, its cache and its log stay there. */
export type Apt = (args: readonly string[]) => Promise<CommandResult>;

/**
 * Unpacks the nats-server of a Debian package into `directory`. Nothing is installed, and root is not needed.
 * @param download leaves the package in the workspace; answers what went wrong, or undefined.
 * @returns what went wrong, or undefined when `<directory>/nats-server` is there.
 */
export async function unpackFromDebian(
  directory: string,
  signal: AbortSignal | undefined,
  download: (workspace: string, apt: Apt) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (const tool of ['apt-get', 'dpkg']) {
    if ((await findExecutable(tool)) === undefined) return `Debian's packages: there is no ${tool} here.`;
  }
  await mkdir(directory, { recursive: true });
  const workspace = await mkdtemp(join(directory, 'debian-'));
  try {
    await mkdir(join(workspace, 'state', 'lists', 'partial'), { recursive: true });
    await mkdir(join(workspace, 'cache', 'archives', 'partial'), { recursive: true });
    const trouble = await download(workspace, (args) => runApt(workspace, args, signal));
    if (trouble !== undefined) return trouble;
    const archive = (await readdir(workspace)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) return "Debian's packages: apt-get has downloaded nothing.";
    const unpacked = join(workspace, 'unpacked');
    const result = await runCommand('dpkg', ['-x', join(workspace, archive), unpacked]);
    if (!result.ok) return `Debian's packages: ${result.transcript}`;
    await keepBinary(join(unpacked, 'usr', 'sbin', 'nats-server'), directory);
    return undefined;
  } catch (error) {
    return `Debian's packages: ${String(error)}`;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

function runApt(workspace: string, args: readonly string[], signal: AbortSignal | undefined) {
  const options = [
    `Dir::State=${join(workspace, 'state')}`,
    `Dir::Cache=${join(workspace, 'cache')}`,
    `Dir::Log=${join(workspace, 'log')}`,
    // The user to whom apt hands downloads may not enter the folder when it is root's alone.
    'APT::Sandbox::User=root',
    'Acquire::http::Timeout=15',
    'Acquire::https::Timeout=15',
    'Acquire::Retries=1',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  return runCommand('apt-get', ['-q', ...options, ...args], {
    workingDirectory: workspace,
    timeoutMs: 180_000,
    signal,
  });
}
