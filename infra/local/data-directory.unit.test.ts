import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePrivate } from './data-directory.ts';

let parent: string;
let said: string[];
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'herald-data-'));
  said = [];
});
afterEach(() => rm(parent, { recursive: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const make = (directory: string) => makePrivate(directory, (line) => said.push(line));

test('a new folder is made for its owner alone', async () => {
  const directory = join(parent, 'more', 'data');
  await make(directory);
  await make(directory);
  expect(await modeOf(directory)).toBe(0o700);
  expect(said).toEqual([]);
});

test('one that an earlier release made is tightened, and that is said', async () => {
  const directory = join(parent, 'data');
  for (const name of ['nats', 'postgres', 'provider'])
    await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, 'ports.json'), '{}');
  await chmod(directory, 0o755);
  await make(directory);
  for (const name of ['', 'nats', 'postgres', 'provider'])
    expect(await modeOf(join(directory, name))).toBe(0o700);
  expect(said[0]).toBe(
    `${directory} was open to other users of this machine; now only its owner may enter it`,
  );
});

test('a folder that holds more than our data stays open, and only what is ours in it is closed', async () => {
  await mkdir(join(parent, 'nats'));
  await writeFile(join(parent, 'of somebody else'), '');
  await chmod(parent, 0o755);
  await chmod(join(parent, 'nats'), 0o755);
  await make(parent);
  expect(await modeOf(parent)).toBe(0o755);
  expect(await modeOf(join(parent, 'nats'))).toBe(0o700);
});
