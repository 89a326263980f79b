import type { Runtime } from '@herald/service-kit';
import type { Kysely } from 'kysely';
import type { Tables } from './database/tables.ts';

/** What every part of this service works with. */
export interface Dependencies {
  readonly runtime: Runtime;
  /** Opened on the schema of the generation that is served. */
  readonly database: Kysely<Tables>;
}
