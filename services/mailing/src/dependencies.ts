import type { Runtime } from '@herald/service-kit';
import type { Kysely } from 'kysely';
import type { Tables } from './database/tables.ts';
import type { ImportPace } from './import/import-pace.ts';

/** What every part of this service works with. */
export interface Dependencies {
  readonly runtime: Runtime;
  readonly database: Kysely<Tables>;
  /** The clock; an argument so that decisions can be tested at any time. */
  readonly now: () => Date;
  readonly importPace: ImportPace;
}

/** The schema that this service owns. */
export const SCHEMA = 'mailing';
