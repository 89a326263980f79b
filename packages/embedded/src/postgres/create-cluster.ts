import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, runAs } from '../run-as.ts';
import { runCommand } from '../run-command.ts';
import type { Say } from '../running-server.ts';
import { postgresEnvironment } from './environment.ts';
import { SETTINGS_FILE } from './settings.ts';

export const SUPERUSER = 'herald';

export type ClusterPlan = {
  readonly initdb: string;
  readonly dataDirectory: string;
  readonly clusterDirectory: string;
  readonly account: Account | undefined;
  readonly durable: boolean;
  readonly say: Say;
};

/**
 * Makes the database cluster unless it is there.
 * @returns the superuser's password.
 * @throws with what initdb said when it fails.
 */
export async function ensureCluster(plan: ClusterPlan): Promise<string> {
  await mkdir(plan.dataDirectory, { recursive: true, mode: 0o700 });
  const passwordFile = join(plan.dataDirectory, 'password');
  if (await exists(plan.clusterDirectory)) return (await readFile(passwordFile, 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  plan.say('postgres: creating the database cluster…');
  await createCluster(plan, passwordFile);
  return password;
}

/** Under another name first: an interrupted initdb must not look like a cluster. */
async function createCluster(plan: ClusterPlan, passwordFile: string): Promise<void> {
  const unfinished = `${plan.clusterDirectory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const { command, args } = await runAs(
    {
      command: plan.initdb,
      args: [
        `--pgdata=${unfinished}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        ...(plan.durable ? [] : ['--no-sync']),
      ],
    },
    plan.account === undefined ? {} : { account: plan.account },
  );
  const result = await runCommand(command, args, { environment: postgresEnvironment() });
  if (!result.ok) throw new Error(`PostgreSQL's initdb has failed:\n${result.transcript}`);
  await appendFile(join(unfinished, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\n`);
  await rename(unfinished, plan.clusterDirectory);
}

/** The password of the services' role: made once, and readable by its owner only. */
export async function readOrMakePassword(file: string): Promise<string> {
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known !== '') return known;
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
