import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pipeline, Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readAnswer } from '../api/answer.ts';
import { type Query, readText } from '../api/http-call.ts';
import { outlast } from '../api/outlast.ts';
import type { Context } from '../context.ts';
import { InterruptedError, NotReachableError, RefusedError } from '../failures.ts';
import { type Progress, startProgress } from '../output/progress.ts';
import { type ImportProgress, showImport } from './import-progress.ts';
import type { ImportSource } from './import-source.ts';

const lineError = z.looseObject({ line: z.int(), message: z.string() });
const importAnswer = z.looseObject({
  received: z.int(),
  registered: z.int(),
  updated: z.int(),
  rejected: z.int(),
  errors: z.array(lineError),
});
export type ImportAnswer = z.output<typeof importAnswer>;
const accepted = z.looseObject({ id: z.string() });
const importState = z.looseObject({ status: z.string(), result: importAnswer.optional() });

export type Imported = {
  readonly result: ImportAnswer;
  /** What it is asked for later by; `null` where this release of Herald does not say. */
  readonly importId: string | null;
};

const ATTEMPTS = 5;
const PAUSE_MS = 2_000;
const ASK_EVERY_MS = 500;
/** An import that was accepted and makes no headway for so long is told as such. */
const PATIENCE_MS = 600_000;

/**
 * Streams a file to Herald, and waits until all of it is carried out. A file whose connection broke off is sent again under
 * the same key: nothing of it is done twice. Memory is bounded by what the connection takes.
 */
export async function uploadFile(
  context: Context,
  source: ImportSource,
  order: { readonly query: Query; readonly key: string | undefined },
): Promise<Imported> {
  const key = order.key ?? randomUUID();
  const progress = startProgress(context.output);
  let isBegun = false;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const shown = showImport(context, source, key, progress);
      try {
        const imported = await uploadOnce(context, source, { query: order.query, key }, { progress, shown });
        const { received } = imported.result;
        progress.show({ done: received, total: received, unit: 'lines' });
        return imported;
      } catch (error) {
        if (!mayGoOn(error)) throw error;
        if (attempt === ATTEMPTS || !source.isRepeatable) throw brokenOff(error, key);
        await sleep(error.retryAfterMs ?? PAUSE_MS, undefined, { signal: context.signal });
      } finally {
        shown.stop();
        isBegun ||= shown.isBegun;
      }
    }
  } finally {
    progress.stop();
    if (isBegun && context.signal.reason instanceof InterruptedError) context.output.note(goOn(key));
  }
}

const goOn = (key: string): string =>
  `What was read stays imported: the same command with --key ${key} goes on, and does nothing twice.`;

const mayGoOn = (error: unknown): error is NotReachableError =>
  error instanceof NotReachableError && (error.kind === 'lost' || error.kind === 'unavailable');

const brokenOff = (error: NotReachableError, key: string): NotReachableError =>
  new NotReachableError(error.kind, `${error.message} ${goOn(key)}`, error);

async function uploadOnce(
  context: Context,
  source: ImportSource,
  { query, key }: { readonly query: Query; readonly key: string },
  { progress, shown }: { readonly progress: Progress; readonly shown: ImportProgress },
): Promise<Imported> {
  const { api, signal } = context;
  const body = meter(shown);
  // What fails here fails the call, too: each destroys the other with its error.
  pipeline(source.read(), body, () => {});
  const response = await api.open({
    method: 'POST',
    path: '/clients/import',
    query,
    headers: { 'Content-Type': source.contentType, 'Idempotency-Key': key },
    body,
  });
  const text = await readText(api.url, response, signal);
  const where = api.url.href;
  if (response.statusCode !== 202) {
    return { result: readAnswer(where, importAnswer, text), importId: importIdOf(response, text) };
  }
  const { id } = readAnswer(where, accepted, text);
  shown.stop();
  return { result: await untilCarriedOut(context, id, progress), importId: id };
}

/** Tells of what goes through. */
const meter = (shown: ImportProgress): Transform =>
  new Transform({
    transform: (chunk: Buffer, _, next) => {
      shown.sent(chunk);
      next(null, chunk);
    },
  });

/** Everything is accepted, and the mailing service is slow or away. */
async function untilCarriedOut(
  { api, signal }: Context,
  id: string,
  progress: Progress,
): Promise<ImportAnswer> {
  let last: ImportAnswer | undefined;
  let movedMs = performance.now();
  for (;;) {
    const state = await outlast(() => api.get(`/commands/${id}`, importState), {
      signal,
      patienceMs: PATIENCE_MS,
      alsoRefused: true,
    });
    if (state.status === 'done' && state.result !== undefined) return state.result;
    if (JSON.stringify(state.result) !== JSON.stringify(last)) movedMs = performance.now();
    last = state.result;
    const done = (last?.registered ?? 0) + (last?.updated ?? 0) + (last?.rejected ?? 0);
    const note = 'accepted, being carried out';
    progress.show({ done, total: last?.received ?? null, unit: 'lines', note });
    if (performance.now() - movedMs > PATIENCE_MS) throw stalled(id);
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

const stalled = (id: string): NotReachableError =>
  new NotReachableError(
    'unavailable',
    `The import is accepted, but makes no headway. It will be carried out: see GET /api/v1/commands/${id}.`,
  );

/** Where the answer names the import as a resource. */
function importIdOf(response: IncomingMessage, text: string): string | null {
  const named = z
    .object({ id: z.uuid().optional(), importId: z.uuid().optional() })
    .safeParse(JSON.parse(text));
  const located = /\/imports\/([0-9a-f-]{36})$/.exec(response.headers.location ?? '')?.[1];
  return named.data?.importId ?? named.data?.id ?? located ?? null;
}

/** What a refusal says of an import that was ended before the end of its file; `null` where it says nothing. */
export function readEndedImport(error: unknown): Imported | null {
  if (!(error instanceof RefusedError)) return null;
  const { imported, importId } = error.problem;
  const result = importAnswer.safeParse(imported).data;
  if (result === undefined) return null;
  return { result, importId: typeof importId === 'string' ? importId : null };
}
