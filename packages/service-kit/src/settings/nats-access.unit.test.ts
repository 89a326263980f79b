import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardedFile, readLogins } from '@herald/testkit';
import { afterAll, expect, test } from 'vitest';
import { natsSettings } from './common-config.ts';
import { natsAccess } from './nats-access.ts';
import { readConfig } from './read-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'herald-nats-access-'));
afterAll(() => rmSync(directory, { recursive: true }));

const check = (environment: NodeJS.ProcessEnv) => natsAccess(readConfig(natsSettings, environment));
const file = (name: string, content: string): string => {
  writeFileSync(join(directory, name), content, { mode: 0o600 });
  return join(directory, name);
};

const password = file('password', 'secret');
const empty = file('empty', ' \n');
const garbage = file('garbage', 'secret garbage');
const { creds, nkeySeed } = await readLogins();
const seed = file('seed', nkeySeed);
const credentials = file('creds', creds);

test('without anything there is no login and no TLS', () => {
  expect(check({})).toEqual({ access: {}, warnings: [] });
});

const missing = join(directory, 'missing');
test.each<[NodeJS.ProcessEnv, string]>([
  [{ NATS_USER: 'me' }, 'NATS_PASSWORD_FILE: must be set too, as NATS_USER is'],
  [{ NATS_PASSWORD_FILE: password }, 'NATS_USER: must be set too, as NATS_PASSWORD_FILE is'],
  [{ NATS_CERT_FILE: guardedFile('client.pem') }, 'NATS_KEY_FILE: must be set too, as NATS_CERT_FILE is'],
  [{ NATS_KEY_FILE: guardedFile('client.key') }, 'NATS_CERT_FILE: must be set too, as NATS_KEY_FILE is'],
  [
    { NATS_NKEY_FILE: seed, NATS_CREDS_FILE: credentials },
    'NATS_NKEY_FILE, NATS_CREDS_FILE: only one way to log in',
  ],
  [
    { NATS_USER: 'me', NATS_PASSWORD_FILE: password, NATS_CREDS_FILE: credentials },
    'NATS_USER, NATS_CREDS_FILE: only one way to log in',
  ],
  [{ NATS_URL: 'nats://me:x@h', NATS_NKEY_FILE: seed }, 'a login in NATS_URL, NATS_NKEY_FILE: only one way'],
  [{ NATS_CA_FILE: missing }, `NATS_CA_FILE: the file ${missing} cannot be read: there is none`],
  [{ NATS_CA_FILE: directory }, `NATS_CA_FILE: the file ${directory} cannot be read: it is a folder`],
  [{ NATS_CREDS_FILE: empty }, `NATS_CREDS_FILE: the file ${empty} is empty`],
  [{ NATS_NKEY_FILE: garbage }, 'NATS_NKEY_FILE: is no seed of an nkey'],
  [{ NATS_CREDS_FILE: garbage }, 'NATS_CREDS_FILE: is no credentials file'],
  [{ NATS_CA_FILE: garbage }, 'NATS_CA_FILE: is no certificate'],
  [
    { NATS_CERT_FILE: guardedFile('server.pem'), NATS_KEY_FILE: guardedFile('client.key') },
    'NATS_CERT_FILE, NATS_KEY_FILE: are no certificate with its key',
  ],
])('refuses %o', (environment, problem) => {
  expect(() => check(environment)).toThrow(problem);
  expect(() => check(environment)).not.toThrow('secret');
});
