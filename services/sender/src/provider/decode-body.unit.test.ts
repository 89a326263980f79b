import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeBody } from './decode-body.ts';

const LIMIT = 65_536;
const TEXT = '{"code":0,"message":"принято"}';
const packed = gzipSync(TEXT);

test.for([
  ['', Buffer.from(TEXT)],
  ['identity', Buffer.from(TEXT)],
  ['gzip', packed],
  [' GZip ', packed],
  ['x-gzip', packed],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['gzip, identity, br', brotliCompressSync(packed)],
] as const)('a body packed as “%s” is unpacked', ([codings, bytes]) => {
  expect(decodeBody(bytes, codings, LIMIT)).toEqual({ text: TEXT });
});

test.for([
  ['zstd', packed, 'unknown coding'],
  ['gzip, other', packed, 'unknown coding'],
  ['gzip', Buffer.from(TEXT), 'broken coding'],
  ['gzip', packed.subarray(0, packed.length - 9), 'broken coding'],
  ['gzip', Buffer.alloc(0), 'broken coding'],
  ['br', packed, 'broken coding'],
  ['deflate', packed, 'broken coding'],
  ['gzip,gzip,gzip,gzip', packed, 'too many codings'],
] as const)('what says it is “%s” and is not is no answer', ([codings, bytes, error]) => {
  expect(decodeBody(bytes, codings, LIMIT)).toEqual({ error });
});

test.for([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('a bomb packed as %s is given up at the limit', ([coding, pack]) => {
  const at = (bytes: number) => decodeBody(pack(Buffer.alloc(bytes, 32)), coding, LIMIT);
  expect(at(LIMIT)).toEqual({ text: ' '.repeat(LIMIT) });
  expect(at(LIMIT + 1)).toEqual({ error: 'oversize answer' });
  const before = process.memoryUsage().rss;
  expect(at(20_000_000)).toEqual({ error: 'oversize answer' });
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});
