import { expect, test } from 'vitest';
import { BrokerUrlError, parseBrokerUrls } from './broker-url.ts';

const password = (user: string, secret: string) => ({ kind: 'password', user, password: secret });

test.each([
  ['nats://h', { servers: ['h:4222'], login: null, tls: false }],
  ['h:5222', { servers: ['h:5222'], login: null, tls: false }],
  ['NATS://h:5222/', { servers: ['h:5222'], login: null, tls: false }],
  ['nats://[::1]:5222', { servers: ['[::1]:5222'], login: null, tls: false }],
  ['nats://a:1, nats://b ,,c:3,', { servers: ['a:1', 'b:4222', 'c:3'], login: null, tls: false }],
  ['tls://a,b', { servers: ['a:4222', 'b:4222'], login: null, tls: true }],
  // The client library alone would connect to port 123.
  ['nats://me:123@h:5222', { servers: ['h:5222'], login: password('me', '123'), tls: false }],
  ['nats://m%40e:p%2Fw%25@h', { servers: ['h:4222'], login: password('m@e', 'p/w%'), tls: false }],
  [
    'nats://me:x@a,nats://me:x@b,c',
    { servers: ['a:4222', 'b:4222', 'c:4222'], login: password('me', 'x'), tls: false },
  ],
  ['nats://a-token@h', { servers: ['h:4222'], login: { kind: 'token', token: 'a-token' }, tls: false }],
])('reads %s', (text, servers) => {
  expect(parseBrokerUrls(text)).toEqual(servers);
});

test.each([
  '',
  ' , ',
  'http://h:4222',
  'ws://h',
  'nats://',
  'nats://h:99999',
  'nats://h:port',
  'nats://a b',
  'nats://h:4222/path',
  'nats://h?tls=true',
  'nats://h#x',
  'nats://me:s#cret@h',
  'nats://me:s/cret@h',
  'nats://me:%ff@h',
  'nats://:secret@h',
  'nats://me:12,secret@h',
  'me:secret@h',
  'nats://me:one@a,nats://me:two@b',
])('refuses "%s", and does not show it', (text) => {
  const reading = () => parseBrokerUrls(text);
  expect(reading).toThrow(BrokerUrlError);
  for (const secret of ['s#cret', 's/cret', 'secret', 'one@', '%ff']) expect(reading).not.toThrow(secret);
});
