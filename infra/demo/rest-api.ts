import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { DIRECTLY } from '../local/directly.ts';

/** What a write was answered with in the end. */
const commandState = z.object({ status: z.enum(['accepted', 'done', 'refused']), result: z.unknown() });
const accepted = z.object({ id: z.string() });

const ASK_AGAIN_MS = 250;
const GIVE_UP_MS = 60_000;
const READ_WITHIN_MS = 15_000;

/** An answer that is none of those the demo can go on with. */
export class UnexpectedAnswerError extends Error {
  readonly status: number;

  constructor(what: string, status: number, body: string) {
    super(`${what} was answered with ${status}: ${body.slice(0, 500)}`);
    this.name = 'UnexpectedAnswerError';
    this.status = status;
  }
}

export type RestApi = {
  /** @throws {UnexpectedAnswerError} unless it is answered with 200 */
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>>;
  /**
   * A write, whose result is waited for also where it could not be answered in time (202).
   * @throws {UnexpectedAnswerError} when it is refused, or has no result within a minute
   */
  post<Schema extends z.ZodType>(path: string, body: PostBody, schema: Schema): Promise<z.infer<Schema>>;
};

export type PostBody = { readonly contentType: string; readonly content: Dispatcher.DispatchOptions['body'] };

/** @param base such as `http://127.0.0.1:8000/api/v1` */
export function connectTo(base: string, signal: AbortSignal): RestApi {
  const get: RestApi['get'] = async (path, schema) => {
    const { statusCode, body } = await request(`${base}${path}`, {
      dispatcher: DIRECTLY,
      signal,
      headersTimeout: READ_WITHIN_MS,
    });
    const text = await body.text();
    if (statusCode !== 200) throw new UnexpectedAnswerError(`GET ${path}`, statusCode, text);
    return schema.parse(JSON.parse(text));
  };

  async function untilDone(path: string, id: string): Promise<unknown> {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      const { status, result } = await get(`/commands/${id}`, commandState);
      if (status === 'done') return result;
      if (status === 'refused' || performance.now() > deadline) {
        throw new UnexpectedAnswerError(`POST ${path}`, 202, JSON.stringify({ id, status, result }));
      }
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }

  return {
    get,
    post: async (path, { contentType, content }, schema) => {
      const { statusCode, body } = await request(`${base}${path}`, {
        dispatcher: DIRECTLY,
        method: 'POST',
        headers: { 'content-type': contentType },
        body: content ?? null,
        signal,
        // A large import is answered when all of it is in the log.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const text = await body.text();
      if (statusCode !== 200 && statusCode !== 201 && statusCode !== 202) {
        throw new UnexpectedAnswerError(`POST ${path}`, statusCode, text);
      }
      const answer: unknown = JSON.parse(text);
      return schema.parse(statusCode === 202 ? await untilDone(path, accepted.parse(answer).id) : answer);
    },
  };
}
