import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findExecutable } from '../find-executable.ts';
import { runCommand } from '../run-command.ts';
import type { Say } from '../running-server.ts';
import { keepBinary } from './keep-binary.ts';

/**
 * Downloads Debian's (or Ubuntu's) package with the machine's own sources and keys and unpacks the binary.
 * Nothing is installed, root is not needed, and the system's own package lists are read at most.
 * @returns what went wrong, or undefined when `<directory>/nats-server` is there.
 */
export async function fetchFromDebian(
  directory: string,
  say: Say,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const tool of ['apt-get', 'dpkg']) {
    if ((await findExecutable(tool)) === undefined) return `Debian's packages: there is no ${tool} here.`;
  }
  await mkdir(directory, { recursive: true });
  const workspace = await mkdtemp(join(directory, 'debian-'));
  try {
    const trouble = await downloadPackage(workspace, say, signal);
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

/** First by the system's lists, which cost nothing; in slim images there are none, or they are out of date. */
async function downloadPackage(
  workspace: string,
  say: Say,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const run = (args: readonly string[]) => apt(workspace, args, signal);
  await mkdir(join(workspace, 'state', 'lists', 'partial'), { recursive: true });
  await mkdir(join(workspace, 'cache', 'archives', 'partial'), { recursive: true });
  const download = ['download', 'nats-server'];
  say("nats-server: downloading it from Debian's packages…");
  if ((await run(['-o', 'Dir::State::lists=/var/lib/apt/lists', ...download])).ok) return undefined;
  signal?.throwIfAborted();
  say('nats-server: reading the package lists…');
  // The result does not matter: one unreachable source among many fails it, and the download will tell.
  const update = await run(['update']);
  signal?.throwIfAborted();
  say("nats-server: downloading it from Debian's packages…");
  const result = await run(download);
  return result.ok ? undefined : `Debian's packages: ${update.transcript}\n${result.transcript}`;
}

function apt(workspace: string, args: readonly string[], signal: AbortSignal | undefined) {
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
