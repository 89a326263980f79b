import { expect, test } from 'vitest';
import { reachableHost } from './reachable-host.ts';

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '127.0.0.1'],
  ['192.0.2.7', '192.0.2.7'],
  ['machine.example', 'machine.example'],
  ['::1', '[::1]'],
])('who listens at %s is reached at %s', (host, reached) => {
  expect(reachableHost(host)).toBe(reached);
});
