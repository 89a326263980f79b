import { z } from 'zod';
import type { Api } from '../api/api.ts';
import type { ClientReference } from '../arguments.ts';
import { RefusedError } from '../failures.ts';
import type { Paint } from '../output/paint.ts';
import { drawDetails } from '../output/table.ts';
import { formatMoment, oneLine } from '../output/text.ts';

export const client = z.looseObject({
  id: z.string(),
  phone: z.string(),
  operatorCode: z.string(),
  tag: z.string(),
  timezone: z.string(),
  version: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Client = z.output<typeof client>;

export const clientPage = z.looseObject({
  items: z.array(client),
  nextCursor: z.string().nullable(),
});

export const drawClient = (found: Client, paint: Paint): string =>
  drawDetails(
    [
      ['id', found.id],
      ['phone', found.phone],
      ['operator code', found.operatorCode],
      ['tag', oneLine(found.tag)],
      ['time zone', oneLine(found.timezone)],
      ['version', String(found.version)],
      ['created', formatMoment(found.createdAt)],
      ['changed', formatMoment(found.updatedAt)],
    ],
    paint,
  );

/**
 * The id of a client that is named by its id or its phone.
 * @throws {RefusedError} when no client has the phone
 */
export async function resolveClient(api: Api, reference: ClientReference): Promise<string> {
  if ('id' in reference) return reference.id;
  const { items } = await api.get('/clients', clientPage, { phone: reference.phone, limit: 1 });
  const [found] = items;
  if (found !== undefined) return found.id;
  throw new RefusedError({
    title: 'There is no such client',
    status: 404,
    code: 'client-not-found',
    detail: `No client has the phone ${reference.phone}.`,
  });
}
