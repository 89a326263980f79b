import { Readable } from 'node:stream';
import { z } from 'zod';
import { clientFile } from './client-file.ts';
import type { RestApi } from './rest-api.ts';
import { formatCount, formatSeconds } from './result-table.ts';

const LINE_EVERY_MS = 2_000;
const importResult = z.object({
  registered: z.int(),
  rejected: z.int(),
  errors: z.array(z.object({ line: z.int(), message: z.string() })),
});

/**
 * Streams so many clients to the API, and says every 2 s how far it is.
 * @throws when some were rejected: they were made up to be good.
 */
export async function importClients(
  api: RestApi,
  clients: number,
  say: (line: string) => void,
): Promise<void> {
  say(`Importing ${formatCount(clients)} clients (CSV, streamed to POST /clients/import)…`);
  const begin = performance.now();
  let lastLine = begin;
  const file = clientFile(clients, (rows) => {
    if (performance.now() - lastLine < LINE_EVERY_MS) return;
    lastLine = performance.now();
    say(`  ${formatCount(rows)}/${formatCount(clients)} rows taken`);
  });
  const result = await api.post(
    '/clients/import',
    { contentType: 'text/csv', content: Readable.from(file) },
    importResult,
  );
  const tookMs = performance.now() - begin;
  const rate = formatCount((clients * 1_000) / tookMs);
  say(
    `  ${formatCount(result.registered)} registered, ${formatCount(result.rejected)} rejected ` +
      `in ${formatSeconds(tookMs)} (${rate} clients/s).`,
  );
  if (result.registered === clients) return;
  const [first] = result.errors;
  const reason = first === undefined ? '' : ` Line ${first.line}: ${first.message}.`;
  throw new Error(`Of ${clients} clients ${result.registered} were registered.${reason}`);
}
