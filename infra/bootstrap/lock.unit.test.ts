import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

// Plain JavaScript, which the types do not cover: it runs before anything is installed.
const { withLock } = await import(new URL('lock.mjs', import.meta.url).href);

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'herald-lock-'));
  file = join(directory, 'bootstrap.lock');
});
afterEach(() => rm(directory, { recursive: true }));

test('of two at once the second waits for the end of the first, and nothing is left', async () => {
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${name} ends`);
  };
  await Promise.all([withLock(work('one'), directory), withLock(work('two'), directory)]);
  expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  expect(await readdir(directory)).toEqual([]);
});

test.each([
  ['which nobody has signed', ''],
  ['of a process that is gone', '999999999 1'],
  ['of an earlier process with the id of a living one', `${process.pid} 1`],
])('a lock %s is taken over', async (_whose, text) => {
  await writeFile(file, text);
  expect(await withLock(() => readFile(file, 'utf8'), directory)).not.toBe(text);
});

test('a folder that cannot be written is told, and not waited for', async () => {
  await mkdir(`${file}.${process.pid}`);
  await expect(withLock(async () => {}, directory)).rejects.toThrow('EISDIR');
});
