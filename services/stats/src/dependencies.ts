import type { Runtime } from '@herald/service-kit';
import type { Kysely } from 'kysely';
import type { Generations } from './generations/generations.ts';
import type { PointerTables } from './generations/pointer.ts';

/** What every part of this service works with. */
export interface Dependencies {
  readonly runtime: Runtime;
  /** Questions are answered through it, by `inServed`; it finds the generation that is served at each. */
  readonly database: Kysely<PointerTables>;
  readonly databaseUrl: string;
  readonly generations: Generations;
}
