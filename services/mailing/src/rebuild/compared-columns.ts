import { type RawBuilder, sql } from 'kysely';

/** A column that is compared, and its name as people know it. */
interface ComparedColumn {
  readonly column: string;
  readonly name: string;
  readonly isPhone?: true;
}

const columns = (names: Readonly<Record<string, string>>): ComparedColumn[] =>
  Object.entries(names).map(([column, name]) => ({ column, name }));

export const CLIENT_COLUMNS: readonly ComparedColumn[] = [
  { column: 'phone', name: 'phone', isPhone: true },
  ...columns({
    operator_code: 'operatorCode',
    tag: 'tag',
    timezone: 'timezone',
    version: 'version',
    created_at: 'createdAt',
    updated_at: 'updatedAt',
  }),
];
export const MAILING_COLUMNS = columns({
  status: 'status',
  settled: 'settled',
  started_sequence: 'startedSequence',
  created_at: 'createdAt',
});
export const PLAN_COLUMNS = columns({
  batches: 'batches',
  messages: 'messages',
  completed: 'batchesDone',
  resolved: 'audienceResolved',
  settled: 'settled',
});

/** The columns of a table in a comparison, as one value. */
export const tuple = (table: string, compared: readonly ComparedColumn[]): RawBuilder<unknown> =>
  sql`(${sql.join(compared.map(({ column }) => sql.ref(`${table}.${column}`)))})`;
