import { readConfig } from '@herald/service-kit';
import { expect, test } from 'vitest';
import { gatewayConfig } from './config.ts';

test('a gateway that is told nothing listens to this machine alone', () => {
  expect(readConfig(gatewayConfig, {}).HOST).toBe('127.0.0.1');
});

test.each(['0.0.0.0', '::', 'my-laptop', '192.168.1.5'])(
  'HOST=%s is refused until AUTH=open is said',
  (HOST) => {
    expect(() => readConfig(gatewayConfig, { HOST })).toThrow(/HOST: .*AUTH=open/);
    expect(readConfig(gatewayConfig, { HOST, AUTH: 'open' })).toMatchObject({ HOST, AUTH: 'open' });
  },
);

test('AUTH takes no value that nobody knows', () => {
  expect(() => readConfig(gatewayConfig, { AUTH: 'none' })).toThrow(/AUTH: knows only `open`/);
});
