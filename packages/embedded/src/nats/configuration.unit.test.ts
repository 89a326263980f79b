import { expect, test } from 'vitest';
import { renderNatsConfiguration } from './configuration.ts';

test('paths may hold spaces, quotes and backslashes', () => {
  const text = renderNatsConfiguration({
    serverName: 'name',
    host: '127.0.0.1',
    port: 4222,
    storeDirectory: '/a b/"c"\\d',
  });
  expect(text).toContain('jetstream { store_dir: "/a b/\\"c\\"\\\\d" }');
});

test('a member of a cluster names the others', () => {
  const text = renderNatsConfiguration({
    serverName: 'one',
    host: '127.0.0.1',
    port: 4222,
    storeDirectory: '/data',
    cluster: { name: 'c', port: 6222, routes: [6222, 6223] },
  });
  expect(text).toContain(
    'cluster { name: "c", host: "127.0.0.1", port: 6222, ' +
      'routes: ["nats://127.0.0.1:6222", "nats://127.0.0.1:6223"] }',
  );
});
