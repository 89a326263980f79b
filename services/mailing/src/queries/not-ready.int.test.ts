import { commandQuery, newId } from '@herald/contracts';
import { migrate } from '@herald/postgres';
import { ask, QueryUnavailableError } from '@herald/service-kit';
import { sql } from 'kysely';
import { expect, it, vi } from 'vitest';
import { openTables } from '../../test/mailing-database.ts';
import { MailingFixture } from '../../test/mailing-fixture.ts';
import { migrations } from '../database/migrations.ts';
import { SCHEMA } from '../dependencies.ts';
import { ImportPace } from '../import/import-pace.ts';
import { serveQueries } from './serve-queries.ts';

it('logs a failed query as an error, unless the directory is only not ready', async () => {
  const fixture = await MailingFixture.start();
  const database = openTables(fixture.database.url, 2);
  try {
    await migrate(database, SCHEMA, migrations);
    const runtime = fixture.tester;
    const end = serveQueries({ runtime, database, now: () => new Date(), importPace: new ImportPace() });
    const logged = { error: vi.spyOn(runtime.log, 'error'), debug: vi.spyOn(runtime.log, 'debug') };
    const question = ask(runtime.broker, commandQuery, { commandId: newId() });
    await expect(question).rejects.toThrow(QueryUnavailableError);
    expect([logged.debug, logged.error].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);

    await sql`drop table checkpoint`.execute(database);
    const other = ask(runtime.broker, commandQuery, { commandId: newId() });
    await expect(other).rejects.toThrow(QueryUnavailableError);
    expect([logged.debug, logged.error].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    await end();
  } finally {
    await database.destroy();
    await fixture.stop();
  }
});
