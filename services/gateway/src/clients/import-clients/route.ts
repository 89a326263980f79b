import type { ImportOrder } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import { leaveNote } from '../../commands/accepted-note.ts';
import { answerAccepted } from '../../commands/answer-command.ts';
import { commandIdFor, provenanceOf } from '../../commands/carry-out.ts';
import { incomingOf, readPaced } from '../../http/body-reader.ts';
import { contentTypeOf, UTF_8_OR_16, unsupported } from '../../http/content-type.ts';
import { type GatewayApp, type GatewayDependencies, noteAbout } from '../../http/context.ts';
import { traceparentFrom } from '../../http/correlation.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { importLocation } from '../../imports/find-import.ts';
import { serveLiveImport } from '../../imports/live-import.ts';
import { makeProblem, type Problem, ProblemError } from '../../problems/problem.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { writeHeaders } from '../../schemas/headers.ts';
import { type ImportAnswer, type ImportResult, importAnswer } from '../../schemas/import-result.ts';
import { ChunkSender } from './chunk-sender.ts';
import { CsvReader } from './csv-reader.ts';
import { beginningOf } from './import-beginning.ts';
import { importNote } from './import-note.ts';
import { ImportRun } from './import-run.ts';
import { totalOf } from './import-total.ts';
import { NdjsonReader } from './ndjson-reader.ts';
import { type Ending, takeLines } from './take-lines.ts';
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
    'CSV has a header row; comma, semicolon and tab are found in it as the separator. Streamed. A bad line is rejected and stops nothing else; the import ends (422) after 10,000 bad lines, if the good ones are not more. Where the upload breaks off, what was read stays imported: send it again under the same `Idempotency-Key`, and nothing is done twice. `GET /imports/{id}` follows it, `GET /imports/{id}/rejected` has all rejected lines; columns `line`, `reason` and `original`, as they stand in that file, are passed over. `?dryRun=true` changes nothing and says what would be.',
  request: {
    headers: writeHeaders,
    query: z.strictObject({
      onDuplicate: z
        .enum(['reject', 'update'])
        .default('reject')
        .openapi({ description: 'What a line does whose phone is in the directory already' }),
      dryRun: z
        .enum(['true', 'false'], "must be 'true' or 'false'")
        .default('false')
        .openapi({ description: 'Nothing is changed: the answer says what the import would come to' }),
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
    200: {
      ...json('All accepted lines are in the log; the first 100 errors by line', importAnswer),
      headers: z.object({ Location: z.string().openapi({ description: 'The import' }) }),
    },
    202: json('Everything is accepted, but the mailing service is away', acceptedCommand),
    ...problems(408, 415, 422),
  },
});

export function serveImportClients(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const type = contentTypeOf(context.req, TYPES, UTF_8_OR_16);
    if (type === undefined) throw unsupported(`Say the content type: ${TYPES.join(' or ')}.`, TYPES);
    const key = context.req.valid('header')['Idempotency-Key'];
    const importId = commandIdFor(key);
    noteAbout(context, { commandId: importId });
    const giveBack = dependencies.imports.take(1);
    if (giveBack === undefined) {
      throw new ProblemError(makeProblem('overloaded', 'Too many imports are under way at this moment.'));
    }
    try {
      const startedAt = await beginningOf(dependencies, importId, key !== undefined);
      const { onDuplicate, dryRun } = context.req.valid('query');
      const order = { onDuplicate, dryRun: dryRun === 'true', startedAt };
      const traceparent = traceparentFrom(context.req.header('traceparent'));
      const sender = new ChunkSender(dependencies, {
        importId,
        order,
        keyed: key !== undefined,
        traceparent,
      });
      const run = new ImportRun(dependencies, { importId, order, provenance: provenanceOf(context) }, sender);
      const reader = type === 'text/csv' ? new CsvReader() : new NdjsonReader();
      const source = readLines(readPaced(incomingOf(context), dependencies.limits.importPace));
      const whileRunning = serveLiveImport(dependencies, importId, () => ({
        order,
        ...totalOf(run.share, sender.summary),
        omitted: run.omitted,
      }));
      // While nothing is read a sender that left is not noticed: the stop would wait for results that nobody wants.
      const giveUp = (): void => sender.giveUpResults();
      dependencies.stopping.addEventListener('abort', giveUp, { once: true });
      try {
        return await runImport(
          dependencies,
          { importId, order, run, sender },
          takeLines(source, reader, run, dependencies),
        );
      } finally {
        dependencies.stopping.removeEventListener('abort', giveUp);
        sender.giveUpResults();
        void whileRunning();
      }
    } finally {
      giveBack();
    }
  });
}

interface UnderWay {
  readonly importId: string;
  readonly order: ImportOrder;
  readonly run: ImportRun;
  readonly sender: ChunkSender;
}

/** Waits for what becomes of an import, and answers it. @throws ProblemError where it did not come to its end */
async function runImport(
  dependencies: GatewayDependencies,
  { importId, order, run, sender }: UnderWay,
  reading: Promise<Ending>,
): Promise<Response> {
  const ending = await reading;
  if (ending === 'too-slow') {
    const { summary } = await sender.settle();
    throw new ProblemError(endedSlow(importId, totalOf(run.share, summary)), locationOf(importId));
  }
  const { chunks, complete, summary } = await run.finish();
  await leaveNote(dependencies, importId, importNote(order, run.share, chunks, complete));
  const total = totalOf(run.share, summary);
  if (ending === 'too-many-errors')
    throw new ProblemError(endedHopeless(importId, total), locationOf(importId));
  if (!complete) return answerAccepted(importId);
  const answer: ImportAnswer = { id: importId, ...total, ...(order.dryRun ? { dryRun: true } : {}) };
  return Response.json(answer, { headers: locationOf(importId) });
}

const locationOf = (importId: string): { Location: string } => ({ Location: importLocation(importId) });

/** What is held for the next chunk is not sent: the same file under the same key would be cut in another place. */
const endedSlow = (importId: string, imported: ImportResult): Problem =>
  makeProblem(
    'request-timeout',
    'The import came too slowly. What it says here is done; send it again under the same Idempotency-Key, and nothing is done twice.',
    { importId, imported },
  );

const endedHopeless = (importId: string, imported: ImportResult): Problem =>
  makeProblem(
    'import-too-many-errors',
    `Line ${imported.received} was reached; the rest was not read, for most lines are bad. The good ones before it are imported.`,
    { importId, imported },
  );
