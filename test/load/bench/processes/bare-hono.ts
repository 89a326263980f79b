/**
 * The reference of commands over REST: a Hono route that validates a client with zod and does one durable insert into
 * the same PostgreSQL. Nobody else learns of the client, and nothing is repeated. Prints its port, and ends with its
 * standard input.
 *
 * node bare-hono.ts DATABASE_URL
 */
import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';
import { z } from 'zod';

const newClient = z.strictObject({
  phone: z.string().regex(/^7\d{10}$/),
  timezone: z.string().min(1).max(64),
  operatorCode: z
    .string()
    .regex(/^\d{3}$/)
    .optional(),
  tag: z.string().max(100).default(''),
});
const CONNECTIONS = 10;

const [databaseUrl = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
await pool.query('create schema if not exists bench_hono');
await pool.query(`
  create table if not exists bench_hono.client (
    id uuid primary key, phone text not null unique, timezone text not null, operator_code text not null,
    tag text not null, created_at timestamptz not null)`);

const INSERT = {
  name: 'insert-client',
  text: 'insert into bench_hono.client values ($1, $2, $3, $4, $5, $6) on conflict (phone) do nothing',
};
const app = new Hono();
app.post('/clients', async (context) => {
  const given = newClient.safeParse(await context.req.json());
  if (!given.success) return context.json({ errors: given.error.issues }, 422);
  const { phone, timezone, tag } = given.data;
  const operatorCode = given.data.operatorCode ?? phone.slice(1, 4);
  const client = {
    id: randomUUID(),
    phone,
    timezone,
    operatorCode,
    tag,
    createdAt: new Date().toISOString(),
  };
  const values = [client.id, phone, timezone, operatorCode, tag, client.createdAt];
  const { rowCount } = await pool.query({ ...INSERT, values });
  return rowCount === 1 ? context.json(client, 201) : context.json({ code: 'phone-taken' }, 409);
});

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(`${port}\n`);
});
process.stdin.resume().on('end', () => process.exit());
