import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findExecutable } from '../find-executable.ts';
import { runCommand } from '../run-command.ts';
import type { Say } from '../running-server.ts';
import { keepBinary } from './keep-binary.ts';

const IMAGE = 'nats:2.12-alpine';
const PULL_TIMEOUT_MS = 300_000;

/**
 * Copies the statically linked binary out of the official image, so that the server runs like any other
 * afterwards: a child process with files, signals and a pid, instead of a second way to run everything.
 * @returns what went wrong, or undefined when `<directory>/nats-server` is there.
 */
export async function fetchFromImage(
  directory: string,
  say: Say,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if ((await findExecutable('docker')) === undefined) return 'Docker: there is no docker here.';
  const engine = await runCommand('docker', ['version', '--format', '{{.Server.Os}}'], { timeoutMs: 10_000 });
  if (!engine.ok) return `Docker: ${engine.transcript}`;
  say(`nats-server: copying it out of the image ${IMAGE}…`);
  // Without --quiet, which Docker 20.10 does not know: progress goes to standard error, the id to the output.
  const created = await runCommand('docker', ['create', IMAGE], { timeoutMs: PULL_TIMEOUT_MS, signal });
  const container = created.output.trim();
  if (!created.ok || container === '') return `Docker: ${created.transcript}`;
  await mkdir(directory, { recursive: true });
  const workspace = await mkdtemp(join(directory, 'image-'));
  try {
    const target = join(workspace, 'nats-server');
    const copied = await runCommand('docker', [
      'cp',
      '-L',
      `${container}:/usr/local/bin/nats-server`,
      target,
    ]);
    if (!copied.ok) return `Docker: ${copied.transcript}`;
    await keepBinary(target, directory);
    return undefined;
  } catch (error) {
    return `Docker: ${String(error)}`;
  } finally {
    await runCommand('docker', ['rm', '--force', container]);
    await rm(workspace, { recursive: true, force: true });
  }
}
