/**
 * The reference of imports, fan-outs and replays: so many rows into one table of the same PostgreSQL, a thousand in one
 * statement, each statement a durable commit, one behind another.
 */
import pg from 'pg';
import { z } from 'zod';
import { readInput, tellOwnUsage } from './own-usage.ts';

const ROWS_AT_ONCE = 1_000;
const INSERT = {
  name: 'insert-rows',
  text: 'insert into bench_rows.client select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])',
};

const { databaseUrl, rows } = await readInput(z.object({ databaseUrl: z.string(), rows: z.int() }));
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query('create schema if not exists bench_rows');
await client.query('drop table if exists bench_rows.client');
await client.query(
  'create table bench_rows.client (id bigint primary key, phone text not null, timezone text not null, tag text not null)',
);

const before = process.cpuUsage();
const begin = performance.now();
for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
  const ids = Array.from({ length: Math.min(ROWS_AT_ONCE, rows - from) }, (_, index) => from + index);
  const values = [
    ids,
    ids.map((id) => String(79_000_000_000 + id)),
    ids.map(() => 'Europe/Moscow'),
    ids.map(() => 'rows'),
  ];
  await client.query({ ...INSERT, values });
}
const tookMs = performance.now() - begin;
const usage = tellOwnUsage(before);
const { rows: counted } = await client.query<{ there: number }>(
  'select count(*)::int as there from bench_rows.client',
);
await client.query('drop schema bench_rows cascade');
await client.end();
process.stdout.write(JSON.stringify({ tookMs, there: counted[0]?.there ?? 0, usage }), () => process.exit());
