import { expect, test } from 'vitest';
import { nearestName, readKnownNames } from './known-names.ts';

const known = ['PROVIDER_URL', 'PROVIDER_TOKEN', 'NATS_URL', 'NATS_PASSWORD_FILE', 'PORT', 'DATABASE_URL'];

test.each([
  ['PROVIDER_ULR', 'PROVIDER_URL'],
  ['PROVIDR_URL', 'PROVIDER_URL'],
  ['provider_url', 'PROVIDER_URL'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['NATS_PASSWORD', 'NATS_PASSWORD_FILE'],
  ['NAT_URLS', 'NATS_URL'],
  ['PROVIDER_URL', undefined],
  ['PORTS', undefined],
  ['PGPORT', undefined],
  ['HOSTNAME', undefined],
  ['', undefined],
])('%s probably means %s', (name, meant) => {
  expect(nearestName(name, known)).toBe(meant);
});

test('the names are those of .env.example', () => {
  expect(readKnownNames('# Text A=b.\n#PORT=8000\n\nNATS_URL=\n# B=1\n')).toEqual(['PORT', 'NATS_URL']);
});
