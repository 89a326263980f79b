import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EnvFile, readEnvFile } from './env-file.ts';
import { nearestName, readKnownNames } from './known-names.ts';
import { StartRefusedError } from './start-refused.ts';

export type Environment = {
  readonly variables: NodeJS.ProcessEnv;
  /** What was not understood, and names that are probably misspelt. */
  readonly warnings: readonly string[];
};

/**
 * The environment with what `.env` in the checkout adds; what is set in the environment itself wins.
 * @throws {StartRefusedError} when the file is there and cannot be read
 */
export function readEnvironment(environment: NodeJS.ProcessEnv, checkoutDirectory: string): Environment {
  const file = readFileIfThere(join(checkoutDirectory, '.env'));
  const known = readKnownNames(readIfThere(join(checkoutDirectory, '.env.example'))?.toString('utf8') ?? '');
  const misspelt = (name: string, where: string): string[] => {
    const meant = nearestName(name, known);
    return meant === undefined
      ? []
      : [`${name}${where} is no setting of Herald and is not read. Is ${meant} meant?`];
  };
  return {
    variables: { ...file.variables, ...environment },
    warnings: [
      ...file.problems.map((problem) => `.env, ${problem}`),
      ...Object.keys(file.variables).flatMap((name) => misspelt(name, ' in .env')),
      ...Object.keys(environment).flatMap((name) => misspelt(name, '')),
    ],
  };
}

function readFileIfThere(path: string): EnvFile {
  const bytes = readIfThere(path);
  return bytes === undefined ? { variables: {}, problems: [] } : readEnvFile(bytes);
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return undefined;
    throw new StartRefusedError(`${path} is there and cannot be read: ${error.message}`, { cause: error });
  }
}
