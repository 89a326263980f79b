import { expect, test } from 'vitest';
import { fullPauseMs, inProcessPauseMs, readAnswer } from './publish-protocol.ts';

const answerTo = (said: object | '') => {
  const text = said === '' ? '' : JSON.stringify(said);
  return readAnswer({ data: new TextEncoder().encode(text), string: () => text });
};

const refusal = (code: number, err_code: number, description: string) => ({
  error: { code, err_code, description },
  stream: 'EVENTS',
  seq: 0,
});

test('a message that was stored has its sequence, and a second one with its id is a duplicate', () => {
  expect(answerTo({ stream: 'EVENTS', seq: 7 })).toStrictEqual({
    kind: 'stored',
    stream: 'EVENTS',
    sequence: 7,
    duplicate: false,
  });
  expect(answerTo({ stream: 'EVENTS', seq: 7, duplicate: true })).toStrictEqual({
    kind: 'stored',
    stream: 'EVENTS',
    sequence: 7,
    duplicate: true,
  });
});

test.each([
  ['10164', refusal(400, 10_164, 'wrong last sequence')],
  ['10158', refusal(409, 10_158, 'duplicate message id is in process')],
  ['a duplicate without a sequence, as servers before 2.11 say it', { seq: 0, duplicate: true }],
])('a publish that meets another one in process is neither refused nor a conflict: %s', (_name, said) => {
  expect(answerTo(said)).toStrictEqual({ kind: 'in-process' });
});

test('a conflict is only what the stream has compared with a stored sequence', () => {
  expect(answerTo(refusal(400, 10_071, 'wrong last sequence: 3'))).toStrictEqual({ kind: 'conflict' });
});

test.each([
  ['no stream listens', ''],
  ['no leader', refusal(503, 10_008, 'JetStream system temporarily unavailable')],
  ['not the leader any more', refusal(500, 10_009, 'JetStream cluster can not handle request')],
  ['a proposal that failed, without a number', { error: { code: 503, description: 'raft: not leader' } }],
  ['too many publishes at once', refusal(429, 10_167, 'too many requests')],
] as const)('what the stream cannot take now may be repeated: %s', (_name, said) => {
  expect(answerTo(said)).toStrictEqual({ kind: 'busy' });
});

test.each([
  [
    'the limit of the server, or of an almost full disk',
    refusal(503, 10_023, 'insufficient resources'),
    true,
  ],
  ['the limit of the account', refusal(400, 10_002, 'resource limits exceeded for account'), true],
  ['no storage', refusal(500, 10_047, 'insufficient storage resources available'), true],
  ['no memory', refusal(500, 10_028, 'insufficient memory resources available'), true],
  ['the bytes of the stream', refusal(503, 10_077, 'maximum bytes exceeded'), true],
  ['the messages of the stream', refusal(503, 10_077, 'maximum messages exceeded'), true],
  ['of a subject', refusal(503, 10_077, 'maximum messages per subject exceeded'), true],
  ['a disk without room', refusal(503, 10_077, 'write /x/2.blk: no space left on device'), false],
] as const)('a full store is told apart from everything else: %s', (_name, said, certain) => {
  const { description } = said.error;
  expect(answerTo(said)).toStrictEqual({ kind: 'full', stream: 'EVENTS', reason: description, certain });
});

test('a store that closes with its server is busy, not full', () => {
  expect(answerTo(refusal(503, 10_077, 'store is closed'))).toStrictEqual({ kind: 'busy' });
});

test('who finds the store full comes back ever later, 5 s at the most, and not together with others', () => {
  const pauses = [1, 2, 3, 6, 7, 1_000_000].map((times) => [fullPauseMs(times, 0), fullPauseMs(times, 1)]);
  expect(pauses).toStrictEqual([
    [100, 200],
    [200, 400],
    [400, 800],
    [2_500, 5_000],
    [2_500, 5_000],
    [2_500, 5_000],
  ]);
});

test.each([
  ['too large for the store', refusal(503, 10_077, 'message too large'), '503 message too large'],
  ['too large', refusal(400, 10_054, 'message size exceeds maximum allowed'), '400 message size'],
  ['another stream expected', refusal(400, 10_060, 'expected stream does not match'), '400 expected'],
])('what no repetition changes is refused: %s', (_name, said, reason) => {
  expect(answerTo(said)).toStrictEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
});

test('those that were refused together come back between 5 and 20 ms later, not together', () => {
  expect([0, 0.5, 0.999].map(inProcessPauseMs)).toStrictEqual([5, 12.5, expect.closeTo(20, 1)]);
});
