import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { forgetTheShell } from './of-the-shell.ts';

test('what a shell says of servers is not heard, and everything else is', () => {
  const environment = {
    PGSSLMODE: 'require',
    NATS_URL: 'x',
    DATABASE_URL: 'x',
    PROVIDER_TOKEN: 'x',
    PATH: '/bin',
  };
  forgetTheShell(environment);
  expect(environment).toEqual({ PATH: '/bin' });
});

test('every configuration of the tests forgets it', () => {
  const root = new URL('..', import.meta.url);
  const configurations = readdirSync(root).filter((name) => /^vitest\..*config\.ts$/.test(name));
  expect(configurations).toHaveLength(3);
  for (const name of configurations) {
    expect(readFileSync(new URL(name, root), 'utf8')).toContain('forgetTheShell();');
  }
});
