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
