import { expect, test } from 'vitest';
import { type MessageHead, messageFault } from './message-fault.ts';

const head = (coding?: string, more: Partial<MessageHead> = {}): MessageHead => ({
  httpVersion: '1.1',
  rawHeaders: ['Host', 'localhost', 'X-Name', 'Host'],
  headers: { 'transfer-encoding': coding },
  ...more,
});

test.each([undefined, 'chunked', 'Chunked', ' chunked '])('takes the transfer coding %s', (coding) => {
  expect(messageFault(head(coding))).toBeUndefined();
});

test.each(['gzip, chunked', 'chunked, chunked', 'identity', 'gzip', ''])(
  'does not know the transfer coding "%s"',
  (coding) => {
    expect(messageFault(head(coding))?.code).toBe('transfer-coding-unsupported');
  },
);

test('refuses chunks in HTTP/1.0', () => {
  expect(messageFault(head('chunked', { httpVersion: '1.0' }))?.code).toBe('request-malformed');
});

test('refuses two Host headers, also when they say the same', () => {
  const rawHeaders = ['Host', 'localhost', 'host', 'localhost'];
  expect(messageFault(head(undefined, { rawHeaders }))?.code).toBe('request-malformed');
});
