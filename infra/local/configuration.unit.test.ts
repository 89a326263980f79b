import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';

test('an empty variable is as good as none', () => {
  const none = readConfiguration({}, '/checkout');
  const empty = readConfiguration(
    { PORT: '', HERALD_DATA: '', LOG_LEVEL: '', NATS_URL: '', DATABASE_URL: '', PROVIDER_URL: '' },
    '/checkout',
  );
  expect(empty).toEqual(none);
  expect(readConfiguration({ HOST: ' ', OPS_HOST: '\n', AUTH: '' }, '/checkout')).toEqual(none);
  expect(none).toMatchObject({ port: 8000, dataDirectory: '/checkout/data', natsUrl: undefined });
});

test.each([
  [{ PROVIDER_URL: 'http://me:secret@h' }, 'PROVIDER_URL: must not hold a login'],
  [{ PROVIDER_TOKEN: 'se\ncret' }, 'PROVIDER_TOKEN: must hold printable ASCII only'],
  [{ DATABASE_URL: 'mysql://h/secret' }, 'DATABASE_URL: must be a URL with postgres://'],
  [{ NATS_URL: 'nats://h/secret' }, 'NATS_URL: must have nothing behind host and port'],
  [
    { NATS_USER: 'me', NATS_CA_FILE: '/x' },
    'NATS_USER, NATS_CA_FILE: only for a server that is named in NATS_URL',
  ],
  [{ NATS_URL: 'nats://h', NATS_USER: 'me' }, 'NATS_PASSWORD_FILE: must be set too, as NATS_USER is'],
  [{ NATS_URL: 'nats://h', NATS_CA_FILE: '/nowhere' }, 'NATS_CA_FILE: the file /nowhere cannot be read'],
])('refuses %o by its name before anything starts, and does not show a secret', (environment, problem) => {
  expect(() => readConfiguration(environment, '/')).toThrow(problem);
  expect(() => readConfiguration(environment, '/')).not.toThrow('secret');
});

test('blanks and a line end around a value, as from a file, are no part of it', () => {
  const { providerToken, natsUrl, gatewayHost, opsHost } = readConfiguration(
    { PROVIDER_TOKEN: 'token\n', NATS_URL: ' nats://h ', HOST: '::1\n', OPS_HOST: ' 127.0.0.2\r\n' },
    '/',
  );
  expect([providerToken, natsUrl]).toEqual(['token', 'nats://h']);
  expect([gatewayHost, opsHost]).toEqual(['::1', '127.0.0.2']);
});

test('the data folder is taken from where the launcher was called', () => {
  expect(readConfiguration({ HERALD_DATA: 'x' }, '/checkout').dataDirectory).toBe(resolve('x'));
});

test.each(['0', '65536', 'http', '80.5'])('refuses PORT=%s by its name', (PORT) => {
  expect(() => readConfiguration({ PORT }, '/')).toThrow('PORT: must be a port number');
});

test('a gateway for other machines wants AUTH=open, as the gateway itself does', () => {
  expect(() => readConfiguration({ HOST: '0.0.0.0' }, '/')).toThrow(
    /HOST: 0\.0\.0\.0 is reached .*AUTH=open/,
  );
  expect(() => readConfiguration({ AUTH: 'none' }, '/')).toThrow('AUTH: knows only `open`');
  expect(readConfiguration({ HOST: '0.0.0.0', AUTH: 'open' }, '/').gatewayHost).toBe('0.0.0.0');
});
