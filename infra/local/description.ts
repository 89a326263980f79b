import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redactUrl } from '@herald/service-kit';
import type { Part } from './part.ts';

/** A process which is there at this moment. */
export type ProcessDescription = { readonly name: string; readonly pid: number; readonly port: number };

/** Where everything of a running system is. */
export type SystemDescription = {
  /** One address for each gateway. */
  readonly gateway: readonly string[];
  /** May hold a login. */
  readonly natsUrl: string;
  /** Holds the password. */
  readonly databaseUrl: string;
  /** May hold a key. */
  readonly provider: string;
  /**
   * Of the embedded simulator only: where it is told how to behave and asked what it got. Its path is a secret, since
   * the journal holds phones and texts.
   */
  readonly providerControl?: string;
  readonly providerToken: string;
  readonly dataDirectory: string;
  readonly processes: readonly ProcessDescription[];
};

export function describeProcesses(parts: readonly Part[]): readonly ProcessDescription[] {
  return parts.flatMap(({ name, pid, port }) => (pid === undefined ? [] : [{ name, pid, port }]));
}

/** What of it may stand in a log: the places, without what gives access to them. */
export function forLog(description: SystemDescription): object {
  const { providerToken: _token, providerControl: _control, ...told } = description;
  const { natsUrl, databaseUrl, provider } = description;
  return {
    ...told,
    natsUrl: redactUrl(natsUrl),
    databaseUrl: redactUrl(databaseUrl),
    provider: redactUrl(provider),
  };
}

const FILE = 'system.json';

/**
 * Writes `system.json`, which programs beside the launcher read. It holds secrets: its owner may read it.
 * Synchronous, so that two changes at once cannot overtake each other.
 */
export function writeDescription(description: SystemDescription): void {
  const file = join(description.dataDirectory, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The file is there only while the system is. */
export function removeDescription(dataDirectory: string): void {
  rmSync(join(dataDirectory, FILE), { force: true });
}
