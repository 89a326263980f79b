import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonConfig } from '@herald/service-kit';
import { describe, expect, test } from 'vitest';
import { launcherSettings } from '../infra/local/configuration.ts';
import { readKnownNames } from '../infra/local/known-names.ts';
import { gatewayConfig } from '../services/gateway/src/config.ts';
import { mailingConfig } from '../services/mailing/src/config.ts';
import { simulatorSettings } from '../services/provider-simulator/src/config.ts';
import { senderConfig } from '../services/sender/src/config.ts';
import { statsConfig } from '../services/stats/src/config.ts';

const CHECKOUT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(CHECKOUT, path), 'utf8');

const SCHEMAS = [
  commonConfig,
  gatewayConfig,
  launcherSettings,
  mailingConfig,
  senderConfig,
  simulatorSettings,
  statsConfig,
];
/** Of the system, of Node, of package managers, of `pg` and of single tests: nothing that is set for Herald. */
const NOT_OURS =
  /^(PATH|USER|CI|NO_COLOR|TERM|INIT_CWD|TESTCONTAINERS_.*|NODE_ENV|NODE_COMPILE_CACHE|FAKE_.*|npm_.*|PGOPTIONS|HERALD_FAULT_SEED|HERALD_E2E_BROKER)$/;

/** What the code asks for without a schema. */
function namesReadDirectly(): string[] {
  const files = ['packages', 'services', 'infra', 'test'].flatMap((folder) =>
    readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (path) => !path.includes('node_modules') && /\.(ts|mjs)$/.test(path) && !/\.test\.ts$/.test(path),
      )
      .map((path) => join(folder, path)),
  );
  const names = files.flatMap((file) =>
    [...read(file).matchAll(/\b(?:process\.env|environment)\.([A-Z][A-Z0-9_]*)\b/g)].map(
      ([, name = '']) => name,
    ),
  );
  return [...new Set(names)].filter((name) => !NOT_OURS.test(name));
}

const inCode = [
  ...new Set([...SCHEMAS.flatMap(({ shape }) => Object.keys(shape)), ...namesReadDirectly()]),
].sort();
const inExample = readKnownNames(read('.env.example'));
const readme = read('README.md');
const inTable = [...readme.matchAll(/^\| (`[A-Z].*?) \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = '']) => name),
);

describe('every setting', () => {
  test.each(inCode)('%s stands in .env.example and in the table of the README', (name) => {
    expect(inExample).toContain(name);
    // For Node itself, which the example tells of.
    if (name !== 'NODE_OPTIONS') expect(inTable).toContain(name);
  });

  test('that is told of is read somewhere', () => {
    const known = [...inCode, 'NODE_OPTIONS'];
    expect(inExample.filter((name) => !known.includes(name))).toEqual([]);
    expect(inTable.filter((name) => !known.includes(name))).toEqual([]);
  });
});
