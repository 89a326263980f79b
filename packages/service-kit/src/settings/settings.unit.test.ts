import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commonConfig } from './common-config.ts';
import { headerValue } from './header-value.ts';
import { ConfigurationError, readConfig } from './read-config.ts';
import { redactUrl } from './redact-url.ts';
import { databaseUrl, httpUrl } from './urls.ts';

const schema = z.object({
  PROVIDER_URL: httpUrl.optional(),
  PROVIDER_TOKEN: headerValue.optional(),
  DATABASE_URL: databaseUrl.optional(),
});
const read = (environment: NodeJS.ProcessEnv) => readConfig(schema, environment);

describe('every variable', () => {
  test.each(['\n', '\r\n', ' ', '\t', '\n\n', '\u00a0'])('loses %j around its value', (blank) => {
    expect(read({ PROVIDER_TOKEN: `${blank}a b${blank}` })).toEqual({ PROVIDER_TOKEN: 'a b' });
  });

  test.each(['', ' ', '\n', '\t \r\n'])('with nothing but %j in it counts as not set', (nothing) => {
    expect(read({ PROVIDER_TOKEN: nothing, PROVIDER_URL: nothing, DATABASE_URL: nothing })).toEqual({});
  });

  test.each([
    ['PROVIDER_TOKEN', '"secret"'],
    ['PROVIDER_TOKEN', "'secret'"],
    ['PROVIDER_URL', '"http://secret"'],
    ['DATABASE_URL', "'postgres://secret/x'\n"],
  ])('%s=%s in quotes is refused by its name, and not shown', (name, value) => {
    const reading = () => read({ [name]: value });
    expect(reading).toThrow(`${name}: stands in quotes`);
    expect(reading).not.toThrow('secret');
  });
});

describe('PROVIDER_TOKEN', () => {
  test.each([
    'se\ncret',
    'se\r\ncret',
    'se\0cret',
    'se\u007fcret',
    'секрет',
    'sécret',
    '\u200bsecret',
    'a\tb',
  ])('%j, which no header carries, is refused and not shown', (token) => {
    const reading = () => read({ PROVIDER_TOKEN: token });
    expect(reading).toThrow('PROVIDER_TOKEN: must hold printable ASCII only');
    expect(reading).not.toThrow(token);
  });
});

describe('PROVIDER_URL', () => {
  test.each([
    'http://h',
    'https://h:8443/',
    'HTTP://h/gw/?key=abc&a=b',
    'http://[::1]:80/gw',
    ' http://h/gw?key=abc\n',
  ])('takes %j', (url) => {
    expect(read({ PROVIDER_URL: url })).toEqual({ PROVIDER_URL: url.trim() });
  });

  test.each([
    'h:80',
    'ftp://h',
    'http:h',
    'http:///gw',
    'http://',
    'http://h:99999',
    'http://user:secret@h/',
    'http://secret@h/',
    'http://h/#secret',
    'http://h/#',
    'http://h/a secret',
    '//h',
    'https://h\\secret#',
  ])('refuses %j by its name, and does not show it', (url) => {
    const reading = () => read({ PROVIDER_URL: url });
    expect(reading).toThrow(/^The environment does not fit:\n {2}PROVIDER_URL: must /);
    expect(reading).not.toThrow('secret');
  });
});

describe('DATABASE_URL', () => {
  test.each([
    'postgres://me:pw@h/herald',
    'postgresql://h/herald?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    'postgres:///herald',
    'postgres://me@/herald?host=/run/postgresql',
    'postgres://%2Frun%2Fpostgresql/herald',
    'socket:/run/postgresql?db=herald',
    '/run/postgresql herald',
  ])('takes %s, as pg does', (url) => {
    expect(read({ DATABASE_URL: url })).toEqual({ DATABASE_URL: url });
  });

  test.each([
    'mysql://h/herald',
    'h:5432',
    'jdbc:postgresql://h/herald',
    'postgres://me:1#secret@h/herald',
    'postgres://me:p/secret@h/herald',
    'postgres://h/herald/',
    'postgres://h:99999/secret',
  ])('refuses %s, which pg would take for something else, and does not show it', (url) => {
    const reading = () => read({ DATABASE_URL: url });
    expect(reading).toThrow('DATABASE_URL: must ');
    expect(reading).not.toThrow('secret');
  });
});

test('NATS_URL that is none is refused by its name', () => {
  expect(() => readConfig(commonConfig, { NATS_URL: 'http://me:secret@h' })).toThrow(ConfigurationError);
  expect(() => readConfig(commonConfig, { NATS_URL: 'http://me:secret@h' })).toThrow(
    'NATS_URL: must have the scheme',
  );
});

test.each([
  ['postgres://me:pw@h:5432/herald?sslpassword=x', 'postgres://…@h:5432/herald?…'],
  ['postgres://h/herald', 'postgres://h/herald'],
  ['http://h/gw?key=abc', 'http://h/gw?…'],
  ['http://h/gw#abc', 'http://h/gw?…'],
  ['nats://me:p@ss@a:1,nats://token@b', 'nats://…@a:1,nats://…@b'],
  ['me:pw@h:1', '…@h:1'],
  ['postgres://me:p,w@h/herald', 'postgres://…@h/herald'],
  ['postgres://me:p/w@h/herald', 'postgres://…@h/herald'],
  ['postgres://me:p?w@h/herald', 'postgres://…'],
  ['postgres://h/herald?user=me@x', 'postgres://…'],
  ['h:1', 'h:1'],
])('of %s no secret is shown', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});
