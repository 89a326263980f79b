import { Readable } from 'node:stream';
import { z } from 'zod';
import type { RestApi } from '../../../../infra/demo/rest-api.ts';
import type { Bench } from '../bench.ts';
import { clientRows } from './client-rows.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const importResult = z.object({ received: z.int(), registered: z.int(), rejected: z.int() });
const preview = z.object({ clients: z.int() });

export type ImportTimes = { readonly answeredMs: number; readonly shownMs: number };

/**
 * Imports so many new clients under a tag, and waits until the directory shows them all.
 * @throws when not all of them are registered
 */
export async function importAudience(
  bench: Bench,
  system: System,
  tag: string,
  count: number,
): Promise<ImportTimes> {
  const api = await system.api(bench.signal);
  const begin = performance.now();
  const rows = clientRows(count, tag, (taken) => bench.progress('clients imported', taken, count));
  const body = { contentType: 'text/csv', content: Readable.from(rows) };
  const { registered } = await api.post('/clients/import', body, importResult);
  const answeredMs = performance.now() - begin;
  if (registered !== count)
    throw new Error(`Of ${count} clients that were imported ${registered} are registered.`);
  await untilShown(bench, api, tag, count);
  system.audiences.set(tag, count);
  return { answeredMs, shownMs: performance.now() - begin };
}

/** Waits until a preview of a mailing to this tag counts so many clients. */
export async function untilShown(bench: Bench, api: RestApi, tag: string, count: number): Promise<void> {
  const content = JSON.stringify({ filter: { tags: [tag] } });
  const look = async () => {
    const { clients } = await api.post(
      '/mailings/preview',
      { contentType: 'application/json', content },
      preview,
    );
    bench.progress('clients in the directory', clients, count);
    if (clients > count) throw new Error(`The directory shows ${clients} clients of ${count}.`);
    return { done: clients === count ? true : undefined, state: clients };
  };
  await until(`the directory showed all ${count} clients`, look, bench.signal);
}

/** Imports them unless they are there. */
export async function ensureAudience(
  bench: Bench,
  system: System,
  tag: string,
  count: number,
): Promise<void> {
  if (system.audiences.has(tag)) return;
  bench.say(`Importing ${count} clients…`);
  await importAudience(bench, system, tag, count);
}
