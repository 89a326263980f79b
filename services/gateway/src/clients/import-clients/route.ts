import type { AcceptedNote } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import { leaveNote } from '../../commands/accepted-note.ts';
import { answerAccepted } from '../../commands/answer-command.ts';
import { commandIdFor, provenanceOf } from '../../commands/carry-out.ts';
import { findStoredResult } from '../../commands/pending-result.ts';
import { incomingOf, readPaced } from '../../http/body-reader.ts';
import { contentTypeOf, unsupported } from '../../http/content-type.ts';
import { type GatewayApp, type GatewayParts, noteAbout } from '../../http/context.ts';
import { traceparentFrom } from '../../http/correlation.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { makeProblem, ProblemError } from '../../problems/problem.ts';
import { BrokerUnavailableError } from '../../reading/reach-broker.ts';
import { acceptedCommand, importResult } from '../../schemas/command.ts';
import { writeHeaders } from '../../schemas/headers.ts';
import { ChunkSender } from './chunk-sender.ts';
import { CsvReader } from './csv-reader.ts';
import { ImportRun } from './import-run.ts';
import { totalOf } from './import-total.ts';
import { NdjsonReader } from './ndjson-reader.ts';
import { readLines } from './text-lines.ts';

const TYPES = ['text/csv', 'application/x-ndjson'] as const;
const CSV_EXAMPLE = 'phone,timezone,tag\n79161234567,Europe/Moscow,vip\n';
const NDJSON_EXAMPLE = '{"phone":"79161234567","timezone":"Europe/Moscow","tag":"vip"}\n';

const route = createRoute({
  method: 'post',
  path: `${API}/clients/import`,
  tags: ['Clients'],
  summary: 'Import clients from CSV or NDJSON, of any size',
  description:
    'CSV has a header row; comma, semicolon and tab are found in it as the separator. Streamed. A bad line is rejected and stops nothing else. Where the upload breaks off, what was read stays imported: send it again under the same `Idempotency-Key`, and nothing is done twice.',
  request: {
    headers: writeHeaders,
    query: z.strictObject({
      onDuplicate: z
        .enum(['reject', 'update'])
        .default('reject')
        .openapi({ description: 'What a line does whose phone is in the directory already' }),
    }),
    body: {
      required: true,
      content: {
        'text/csv': { schema: z.string().openapi({ example: CSV_EXAMPLE }) },
        'application/x-ndjson': { schema: z.string().openapi({ example: NDJSON_EXAMPLE }) },
      },
    },
  },
  responses: {
    200: json('All accepted lines are in the log; the first 100 errors by line', importResult),
    202: json('Everything is accepted, but the mailing service is away', acceptedCommand),
    ...problems(415, 422),
  },
});

export function serveImportClients(app: GatewayApp, parts: GatewayParts): void {
  serveRoute(app, route, parts.bodies, async (context) => {
    const type = contentTypeOf(context.req, TYPES);
    if (type === undefined) throw unsupported(`Say the content type: ${TYPES.join(' or ')}.`, TYPES);
    const key = context.req.valid('header')['Idempotency-Key'];
    const importId = commandIdFor(key);
    noteAbout(context, { commandId: importId });
    await refuseKeyOfOtherCall(parts, importId, key !== undefined);
    const giveBack = parts.imports.take(1);
    if (giveBack === undefined) {
      throw new ProblemError(makeProblem('overloaded', 'Too many imports are under way at this moment.'));
    }

    const reader = type === 'text/csv' ? new CsvReader() : new NdjsonReader();
    const traceparent = traceparentFrom(context.req.header('traceparent'));
    const sender = new ChunkSender(parts, { importId, keyed: key !== undefined, traceparent });
    const { onDuplicate } = context.req.valid('query');
    const order = { importId, onDuplicate, provenance: provenanceOf(context) };
    const run = new ImportRun(parts, order, sender);
    // While nothing is read a sender that left is not noticed: the stop would wait for results that nobody wants.
    const giveUp = (): void => sender.giveUpResults();
    parts.stopping.addEventListener('abort', giveUp, { once: true });
    try {
      for await (const lines of readLines(readPaced(incomingOf(context), parts.limits.importPace)))
        await run.take(reader.read(lines));
      await run.take(reader.end());
      const { chunks, complete, summary } = await run.finish();
      const { received, rejected, errors } = run.share;
      const note: AcceptedNote = { kind: 'import', chunks, received, rejected, errors: [...errors] };
      if (chunks > 0) await leaveNote(parts, importId, note);
      return complete ? Response.json(totalOf(run.share, summary)) : answerAccepted(importId);
    } finally {
      giveBack();
      parts.stopping.removeEventListener('abort', giveUp);
      sender.giveUpResults();
    }
  });
}

/**
 * @throws BrokerUnavailableError when there is no connection: nothing is accepted; ProblemError when the key was used
 *   for another call. While the mailing service is away nobody can say so; then it counts as unused.
 */
async function refuseKeyOfOtherCall(parts: GatewayParts, importId: string, keyed: boolean): Promise<void> {
  if (!parts.broker.isConnected()) throw new BrokerUnavailableError('not connected to the broker');
  if (!keyed || (await findStoredResult(parts, importId)) === null) return;
  const detail = 'Another call was sent under this Idempotency-Key.';
  throw new ProblemError(makeProblem('idempotency-key-reused', detail));
}
