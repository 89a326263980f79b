import type { StatsDifference } from '@herald/contracts';
import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { type Aspect, aspects, type Scope } from './aspects.ts';

/** Two generations that stand at the same position, by their schemas. */
export interface Pair {
  readonly live: string;
  readonly rebuilt: string;
}

/**
 * Compares two generations by mailing and column. Long columns are compared by a checksum that does not depend on the order
 * of their rows, nor on the number of lanes.
 *
 * @param begin called before each statement
 * @returns every difference
 */
export async function compare(
  transaction: QueryExecutorProvider,
  pair: Pair,
  scope: Scope,
  begin: () => Promise<void> = async () => {},
): Promise<StatsDifference[]> {
  const found: StatsDifference[] = [];
  for (const aspect of aspects) {
    await begin();
    const { rows } = await differences(aspect, pair, scope).execute(transaction);
    found.push(...rows);
  }
  return found;
}

function differences({ columns, rows }: Aspect, pair: Pair, scope: Scope): RawBuilder<StatsDifference> {
  const tablesOf =
    (schema: string) =>
    (name: string): RawBuilder<unknown> =>
      sql.table(`${schema}.${name}`);
  const both = [tablesOf(pair.live), tablesOf(pair.rebuilt)];
  const side = (schema: string): RawBuilder<unknown> => rows({ table: tablesOf(schema), both, scope });
  const values = columns.map(
    (column) => sql`(${camelCase(column)}, a.${sql.ref(column)}, b.${sql.ref(column)})`,
  );
  return sql<StatsDifference>`
    with a as materialized (${side(pair.live)}), b as materialized (${side(pair.rebuilt)})
    select coalesce(a.mailing_id, b.mailing_id) as mailing, d.name as column,
      left(d.live, ${MOST_CHARACTERS}) as live, left(d.rebuilt, ${MOST_CHARACTERS}) as rebuilt
    from a full join b
      on coalesce(a.mailing_id, ${NOBODY}) = coalesce(b.mailing_id, ${NOBODY})
    cross join lateral (values ${sql.join(values)}) d (name, live, rebuilt)
    where d.live is distinct from d.rebuilt
    order by 1, 2`;
}

/** Of a value that is shown. */
const MOST_CHARACTERS = 100;

/** What is about no mailing is one row at the most. */
const NOBODY = sql`'00000000-0000-0000-0000-000000000000'::uuid`;

/** As the answers name it. */
const camelCase = (column: string): string =>
  column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
