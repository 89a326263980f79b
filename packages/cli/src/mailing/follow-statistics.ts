import { setTimeout as sleep } from 'node:timers/promises';
import { readAnswer } from '../api/answer.ts';
import { outlast } from '../api/outlast.ts';
import { readServerEvents } from '../api/server-events.ts';
import type { Context } from '../context.ts';
import { NotReachableError, RefusedError } from '../failures.ts';
import { type Statistics, statistics } from './statistics.ts';

const ASK_EVERY_MS = 1_000;
/** Herald sends a comment more often than this: a stream without a byte for so long is dead. */
const STREAM_SILENCE_MS = 60_000;
const PATIENCE_MS = 600_000;
/** What a release of Herald answers that has no such stream. */
const NO_STREAM = new Set([404, 405, 406]);

/**
 * The statistics of a mailing as they change, without end. They come as a stream of events; where there is none, or it
 * ends, they are asked for every second, and the stream is tried again from the last event on.
 *
 * @throws {RefusedError} when there is no such mailing; {NotReachableError} after ten minutes without an answer
 */
export async function* followStatistics(
  context: Context,
  id: string,
  onTrouble: (reason: string) => void,
): AsyncGenerator<Statistics, void, undefined> {
  const { api, signal } = context;
  const stream: StreamState = { isThere: true, lastEventId: undefined };
  for (let isFirst = true; ; isFirst = false) {
    yield await outlast(() => api.get(`/mailings/${id}/stats`, statistics), {
      ...{ signal, patienceMs: PATIENCE_MS, onTrouble },
      alsoRefused: !isFirst,
    });
    if (stream.isThere) yield* streamStatistics(context, id, stream);
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

type StreamState = { isThere: boolean; lastEventId: string | undefined };

/** Ends when the stream does; that it cannot be had just now is no failure, for it can be asked, too. */
async function* streamStatistics(
  { api, signal }: Context,
  id: string,
  state: StreamState,
): AsyncGenerator<Statistics, void, undefined> {
  try {
    const response = await api.open({
      method: 'GET',
      path: `/mailings/${id}/stream`,
      headers: {
        Accept: 'text/event-stream',
        ...(state.lastEventId !== undefined && { 'Last-Event-ID': state.lastEventId }),
      },
      silenceMs: STREAM_SILENCE_MS,
    });
    try {
      for await (const { event, data, id: eventId } of readServerEvents(response)) {
        state.lastEventId = eventId ?? state.lastEventId;
        if (event === 'stats') yield readAnswer(api.url.href, statistics, data);
      }
    } finally {
      response.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RefusedError && NO_STREAM.has(error.problem.status)) state.isThere = false;
    else if (!(error instanceof NotReachableError || error instanceof RefusedError)) throw error;
  }
  signal.throwIfAborted();
}
