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
  expect(none).toMatchObject({ port: 8000, dataDirectory: '/checkout/data', natsUrl: undefined });
});

test('the data folder is taken from where the launcher was called', () => {
  expect(readConfiguration({ HERALD_DATA: 'x' }, '/checkout').dataDirectory).toBe(resolve('x'));
});

test.each(['0', '65536', 'http', '80.5'])('refuses PORT=%s by its name', (PORT) => {
  expect(() => readConfiguration({ PORT }, '/')).toThrow('PORT: must be a port number');
});
