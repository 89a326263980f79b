import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchFromDebian } from './fetch-from-debian.ts';

let directory: string;
let tools: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'herald-debian-'));
  tools = join(directory, 'tools');
  await mkdir(join(directory, 'bin'));
  vi.stubEnv('PATH', `${join(directory, 'bin')}${delimiter}${process.env.PATH ?? ''}`);
  await script('dpkg', 'mkdir -p "$3/usr/sbin" && cp "$2" "$3/usr/sbin/nats-server"');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

async function script(name: string, body: string): Promise<void> {
  const path = join(directory, 'bin', name);
  await writeFile(path, `#!/bin/sh\nset -e\n${body}\n`);
  await chmod(path, 0o755);
}

test('takes the package by the lists which the system has, and leaves only the binary', async () => {
  await script(
    'apt-get',
    'case "$*" in *" update"*) exit 9;; esac; echo the-server > nats-server_2.9_amd64.deb',
  );
  expect(await fetchFromDebian(tools, () => {})).toBeUndefined();
  expect(await readdir(tools)).toEqual(['nats-server']);
  expect(await readFile(join(tools, 'nats-server'), 'utf8')).toBe('the-server\n');
});

test('reads lists of its own where the system has none, even if some source does not answer', async () => {
  await script(
    'apt-get',
    'case "$*" in *" update") touch updated; exit 100;; esac; test -f updated; echo the-server > a.deb',
  );
  expect(await fetchFromDebian(tools, () => {})).toBeUndefined();
  expect(await readdir(tools)).toEqual(['nats-server']);
});

test('tells what apt said when there is no such package, and leaves nothing', async () => {
  await script('apt-get', 'echo "E: Unable to locate package" >&2; exit 100');
  expect(await fetchFromDebian(tools, () => {})).toContain('E: Unable to locate package');
  expect(await readdir(tools)).toEqual([]);
});

test('gives up at once when told so, and leaves nothing', async () => {
  await script('apt-get', 'exec sleep 60');
  const begin = performance.now();
  const trouble = await fetchFromDebian(tools, () => {}, AbortSignal.timeout(100));
  expect(trouble).toContain('TimeoutError');
  expect(performance.now() - begin).toBeLessThan(30_000);
  expect(await readdir(tools)).toEqual([]);
});
