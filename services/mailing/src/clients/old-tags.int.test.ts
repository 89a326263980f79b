import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLabel } from '@herald/domain';
import { openDatabase } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

const RUNBOOK = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'runbook.md');
const TAGS = [
  ...['', 'vip', 'very important', 'Caf\u00e9', '\u043f\u0440\u0438\u0432\u0435\u0442', '\u{1f389}'],
  ...[
    ' vip',
    'vip\u00a0',
    '\tvip',
    'vip\u3000',
    'Cafe\u0301',
    'v\u200bip',
    '\ufeffvip',
    'vi\u00adp',
    'v\u202eip',
  ],
];

let testDatabase: TestDatabase;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());

test('the query of the runbook finds the tags that are written otherwise now', async () => {
  const query = /```bash\npsql .*<<'SQL'\n(select id, tag [\s\S]*?)SQL\n/.exec(
    await readFile(RUNBOOK, 'utf8'),
  )?.[1];
  const database = openDatabase({ url: testDatabase.url, schema: 'mailing', connections: 1, name: 'tags' });
  try {
    await sql`create schema mailing`.execute(database);
    await sql`create table mailing.client (id int, tag text not null)`.execute(database);
    await sql`insert into mailing.client select * from unnest(${TAGS.map((_, id) => id)}::int[], ${TAGS}::text[])`.execute(
      database,
    );
    const { rows } = await sql.raw<{ tag: string }>(query ?? '').execute(database);
    const written = (tag: string): string | null => {
      const reading = readLabel(tag);
      return reading.kind === 'label' ? reading.label : null;
    };
    expect(rows.map(({ tag }) => tag)).toEqual(TAGS.filter((tag) => written(tag) !== tag));
  } finally {
    await database.destroy();
  }
});
