import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'herald-checkout-'));
  writeFileSync(join(checkout, '.env.example'), '#PROVIDER_URL=\n#PROVIDER_TOKEN=\n#PORT=8000\n');
});
afterEach(() => rmSync(checkout, { recursive: true }));

const write = (text: string) => writeFileSync(join(checkout, '.env'), text);

test('without a .env the environment is as it is', () => {
  expect(readEnvironment({ PORT: '1' }, checkout)).toEqual({ variables: { PORT: '1' }, warnings: [] });
});

test('the environment wins over .env, whose first variable is there behind a byte order mark', () => {
  write('\uFEFFPROVIDER_URL=http://h\r\nPORT=1\r\n');
  const { variables, warnings } = readEnvironment({ PORT: '2' }, checkout);
  expect(variables).toEqual({ PROVIDER_URL: 'http://h', PORT: '2' });
  expect(warnings).toEqual([]);
});

test('what is not understood is said, and so are names that are probably misspelt', () => {
  write('PROVIDER_URL: http://h\nPROVIDER_TOKN=secret\nOTHER_PROGRAM=1\n');
  expect(readEnvironment({ PROVIDER_URI: 'x', PGPORT: '1' }, checkout).warnings).toEqual([
    '.env, line 1: is no assignment (NAME=value) and is left out',
    'PROVIDER_TOKN in .env is no setting of Herald and is not read. Is PROVIDER_TOKEN meant?',
    'PROVIDER_URI is no setting of Herald and is not read. Is PROVIDER_URL meant?',
  ]);
});

test('a .env that is there and cannot be read ends the start', () => {
  mkdirSync(join(checkout, '.env'));
  expect(() => readEnvironment({}, checkout)).toThrow(/\.env is there and cannot be read/);
});
