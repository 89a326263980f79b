import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventually,
  type GuardedNats,
  guardedFile,
  startGuardedNats,
  tlsConfiguration,
} from '@herald/testkit';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { summarize } from './support/provider.ts';
import { Scenario } from './support/scenario.ts';

const PASSWORD = 'unmistakable-password-of-nats';
const KEY = 'unmistakable-key-of-the-provider';
const GUARDED = `${tlsConfiguration(', verify: true')}authorization { user: herald, password: "${PASSWORD}" }\n`;
const NO_SERVICES = ['mailing', 'scheduler', 'sender', 'stats', 'gateway'].flatMap((service) => [
  '--scale',
  `${service}=0`,
]);

/** A broker with TLS, certificates and a password, and a database and a provider that are another system's. */
describe('a system on servers of somebody’s own', () => {
  let servers: Herald;
  let nats: GuardedNats;
  let herald: Herald;
  let secrets: Record<string, string>;
  const opened: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    servers = await Herald.start({ args: NO_SERVICES });
    opened.push(servers);
    nats = await startGuardedNats(GUARDED);
    opened.push(nats);
    const { databaseUrl, provider, providerControl = '', providerToken } = await servers.describe();
    const passwordFile = join(nats.directory, 'password');
    await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    secrets = {
      'password of NATS': PASSWORD,
      'key of the provider': KEY,
      'token of the provider': providerToken,
      'password of the database': new URL(databaseUrl).password,
      'path of the control': new URL(providerControl).pathname.slice(1),
    };
    herald = await Herald.start({
      providerControl,
      environment: {
        // The first one is away.
        NATS_URL: ` nats://localhost:1, tls://localhost:${nats.port}/ `,
        NATS_USER: 'herald',
        NATS_PASSWORD_FILE: passwordFile,
        NATS_CA_FILE: guardedFile('ca.pem'),
        NATS_CERT_FILE: guardedFile('client.pem'),
        NATS_KEY_FILE: guardedFile('client.key'),
        DATABASE_URL: `${databaseUrl}?sslmode=disable`,
        PROVIDER_URL: `${provider}/?key=${KEY}`,
        PROVIDER_TOKEN: `${providerToken}\n`,
        LOG_LEVEL: 'debug',
      },
    });
    opened.push(herald);
  });
  afterAll(async () => {
    for (const each of opened.reverse()) await each.stop();
  });

  async function readyServices(): Promise<number> {
    type Monitor = { readonly services: Record<string, readonly { readonly ready: boolean }[]> };
    const { status, body } = await herald.api.call<Monitor>('GET', '/monitor');
    return status === 200
      ? Object.values(body.services)
          .flat()
          .filter(({ ready }) => ready).length
      : 0;
  }

  it('delivers, and goes on after the broker was away', async () => {
    for (const isAgain of [false, true]) {
      if (isAgain) await nats.restart(GUARDED);
      await eventually(async () => (await readyServices()) === 5, { message: 'all services are ready' });
      const scenario = new Scenario(herald);
      await scenario.registerMany(20);
      const { id } = await scenario.createMailing();
      expect((await scenario.untilAllEnded(id)).counts.sent).toBe(20);
      expect(summarize(await scenario.journal())).toEqual({ distinct: 20, repeats: 0 });
    }
  });

  it('shows no secret in its logs, metrics, monitor and command lines', async () => {
    const { gateway, processes, dataDirectory } = await herald.describe();
    const shown = new Map<string, string>([
      ['output', herald.output()],
      ['output of the servers', servers.output()],
    ]);
    shown.set('monitor', JSON.stringify(await herald.api.get('/monitor')));
    for (const { name, pid, port } of processes) {
      const origin = name.startsWith('gateway') ? gateway[0] : `http://127.0.0.1:${port}`;
      const { body } = await request(`${origin}/metrics`);
      shown.set(`metrics of ${name}`, await body.text());
      shown.set(`command line of ${name}`, await readFile(`/proc/${pid}/cmdline`, 'utf8'));
    }
    shown.set('command line', await readFile(`/proc/${herald.launcherPid}/cmdline`, 'utf8'));
    expect(shown.get('output')).toContain('"msg":"ready"');
    for (const [where, text] of shown) {
      for (const [what, secret] of Object.entries(secrets)) {
        expect(text.includes(secret), `the ${what} in the ${where}`).toBe(false);
      }
    }
    expect((await stat(join(dataDirectory, 'system.json'))).mode & 0o777).toBe(0o600);
  });
});
