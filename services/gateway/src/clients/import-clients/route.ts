import { createRoute, z } from '@hono/zod-openapi';
import { findNote, leaveNote } from '../../commands/accepted-note.ts';
import { answerAccepted } from '../../commands/answer-command.ts';
import { commandIdFor, provenanceOf } from '../../commands/carry-out.ts';
import { askUntilSaid } from '../../commands/pending-result.ts';
import { incomingOf, readPaced, SlowBodyError } from '../../http/body-reader.ts';
import { contentTypeOf, UTF_8_OR_16, unsupported } from '../../http/content-type.ts';
import { type GatewayApp, type GatewayDependencies, noteAbout } from '../../http/context.ts';
import { traceparentFrom } from '../../http/correlation.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { makeProblem, type Problem, ProblemError } from '../../problems/problem.ts';
import { BrokerUnavailableError } from '../../reading/reach-broker.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { writeHeaders } from '../../schemas/headers.ts';
import { type ImportResult, importResult } from '../../schemas/import-result.ts';
import { ChunkSender } from './chunk-sender.ts';
import { CsvReader } from './csv-reader.ts';
import { importNote } from './import-note.ts';
import type { RecordReader } from './import-record.ts';
import { ImportRun } from './import-run.ts';
import { totalOf } from './import-total.ts';
import { NdjsonReader } from './ndjson-reader.ts';
import { readLines, type TextLine } from './text-lines.ts';

const TYPES = ['text/csv', 'application/x-ndjson'] as const;
const CSV_EXAMPLE = 'phone,timezone,tag\n79161234567,Europe/Moscow,vip\n';
const NDJSON_EXAMPLE = '{"phone":"79161234567","timezone":"Europe/Moscow","tag":"vip"}\n';

const route = createRoute({
  method: 'post',
  path: `${API}/clients/import`,
  tags: ['Clients'],
  summary: 'Import clients from CSV or NDJSON, of any size',
  description:
    'CSV has a header row; comma, semicolon and tab are found in it as the separator. Streamed. A bad line is rejected and stops nothing else; the import ends (422) after 10,000 bad lines, if the good ones are not more. Where the upload breaks off, what was read stays imported: send it again under the same `Idempotency-Key`, and nothing is done twice.',
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
    const reader = type === 'text/csv' ? new CsvReader() : new NdjsonReader();
    const traceparent = traceparentFrom(context.req.header('traceparent'));
    const sender = new ChunkSender(dependencies, { importId, keyed: key !== undefined, traceparent });
    const { onDuplicate } = context.req.valid('query');
    const order = { importId, onDuplicate, provenance: provenanceOf(context) };
    const run = new ImportRun(dependencies, order, sender);
    // While nothing is read a sender that left is not noticed: the stop would wait for results that nobody wants.
    const giveUp = (): void => sender.giveUpResults();
    dependencies.stopping.addEventListener('abort', giveUp, { once: true });
    try {
      await refuseKeyOfOtherCall(dependencies, importId, key !== undefined);
      const ending = await takeLines(
        readLines(readPaced(incomingOf(context), dependencies.limits.importPace)),
        reader,
        run,
        dependencies,
      );
      if (ending === 'too-slow') {
        const { summary } = await sender.settle();
        throw new ProblemError(endedSlow(importId, totalOf(run.share, summary)));
      }
      const { chunks, complete, summary } = await run.finish();
      if (chunks > 0) await leaveNote(dependencies, importId, importNote(run.share, chunks, complete));
      const total = totalOf(run.share, summary);
      if (ending === 'too-many-errors') throw new ProblemError(endedHopeless(importId, total));
      return complete ? Response.json(total) : answerAccepted(importId);
    } finally {
      giveBack();
      dependencies.stopping.removeEventListener('abort', giveUp);
      sender.giveUpResults();
    }
  });
}

/** How the reading of an import ended. */
type Ending = 'whole' | 'too-many-errors' | 'too-slow';

/** So many lines are read between two looks whether something else has its turn; 32 broken quotes take about 2 ms. */
const LINES_AT_ONCE = 32;

/** Takes the lines in, in slices of the event loop, until they end or there is a reason to end the import. */
async function takeLines(
  source: AsyncIterable<readonly TextLine[]>,
  reader: RecordReader<TextLine>,
  run: ImportRun,
  { turns }: GatewayDependencies,
): Promise<Ending> {
  try {
    for await (const lines of source) {
      for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
        await turns.work();
        await run.take(reader.read(lines.slice(from, from + LINES_AT_ONCE)));
        if (run.isHopeless) return 'too-many-errors';
      }
    }
  } catch (error) {
    if (error instanceof SlowBodyError) return 'too-slow';
    throw error;
  }
  await run.take(reader.end());
  return 'whole';
}

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

/**
 * The note that an import leaves at its begin says whose a key is. Where there is none the key may belong to another call,
 * and nothing is accepted while nobody can say. Nobody can while the directory is behind the log, as another import may
 * make it for some seconds: it is asked again for COMMAND_WAIT_MS.
 *
 * @throws BrokerUnavailableError when there is no connection, QueryUnavailableError when nobody can say: nothing is
 *   accepted; ProblemError when the key was used for another call: that was answered 202, or has a result.
 */
async function refuseKeyOfOtherCall(
  dependencies: GatewayDependencies,
  importId: string,
  keyed: boolean,
): Promise<void> {
  if (!dependencies.broker.isConnected()) throw new BrokerUnavailableError('not connected to the broker');
  if (!keyed) return;
  const note = await findNote(dependencies.broker, importId);
  if (note !== null && note.kind !== 'command') return;
  if (note === null) {
    const ending = AbortSignal.any([dependencies.stopping, AbortSignal.timeout(dependencies.commandWaitMs)]);
    if ((await askUntilSaid(dependencies, { commandId: importId }, ending)) === null) return;
  }
  const detail = 'Another call was sent under this Idempotency-Key.';
  throw new ProblemError(makeProblem('idempotency-key-reused', detail));
}
