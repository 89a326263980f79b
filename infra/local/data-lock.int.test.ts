import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

const DATA_LOCK = new URL('data-lock.ts', import.meta.url).href;
/** All begin at the same moment, and live on for longer than each of them takes. */
const PROGRAM = `
  const { lockDataDirectory } = await import(${JSON.stringify(DATA_LOCK)});
  const [directory, beginAt] = process.argv.slice(1);
  while (Date.now() < Number(beginAt));
  const taken = await lockDataDirectory(directory).then(() => 'taken', (error) => error.message);
  setTimeout(() => console.log(taken), 1_000);
`;
const BEGIN_IN_MS = 1_500;

let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'herald-lock-'));
});
afterEach(() => rm(dataDirectory, { recursive: true }));

test('of several that find the lock of a killed launcher at once, one gets it', async () => {
  await writeFile(join(dataDirectory, 'launcher.lock'), '{"pid":999999999,"startedAt":"1"}');
  const beginAt = String(Date.now() + BEGIN_IN_MS);
  const args = ['--input-type=module', '-e', PROGRAM, dataDirectory, beginAt];
  const said = await Promise.all(
    Array.from({ length: 3 }, () =>
      text(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout),
    ),
  );
  expect(said.filter((line) => line === 'taken\n')).toHaveLength(1);
  expect(said.filter((line) => line.startsWith('Another launcher (process '))).toHaveLength(2);
});
