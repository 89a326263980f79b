import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assignPorts } from './ports.ts';

let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'herald-ports-'));
});
afterEach(() => rm(dataDirectory, { recursive: true }));

const assign = (...names: string[]) => assignPorts({ dataDirectory, names, patienceMs: 0, taken: new Set() });

test('everybody gets a port of its own, and the same one the next time', async () => {
  const first = await assign('a', 'b', 'c');
  expect(new Set(Object.values(first)).size).toBe(3);
  expect(await assign('a', 'b', 'c')).toEqual(first);
});

test('who is not there for once keeps its port', async () => {
  const { b } = await assign('a', 'b');
  await assign('a');
  expect(await assign('a', 'b')).toMatchObject({ b });
});

test('a port that somebody else has taken meanwhile is replaced, the others stay', async () => {
  const before = await assign('a', 'b');
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(before.a, '127.0.0.1', resolve));
  try {
    const after = await assign('a', 'b');
    expect(after.a).not.toBe(before.a);
    expect(after.b).toBe(before.b);
  } finally {
    stranger.close();
  }
});

test('a file that is damaged costs no more than the habits', async () => {
  await writeFile(join(dataDirectory, 'ports.json'), '{"a": "many"');
  expect(await assign('a')).toEqual({ a: expect.any(Number) });
});
