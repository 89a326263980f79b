import type { Runtime } from '@herald/service-kit';
import type { Kysely } from 'kysely';
import type { Tables } from './database/tables.ts';

/** What every part of this service works with. */
export interface Parts {
  readonly runtime: Runtime;
  readonly database: Kysely<Tables>;
  /** The clock; an argument so that decisions can be tested at any time. */
  readonly now: () => Date;
}

/** The schema that this service owns. */
export const SCHEMA = 'mailing';
