import type { IncomingMessage, ServerResponse } from 'node:http';
import { newId } from '@herald/contracts';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { answerProblem, makeProblem } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import type { Allowance } from './allowance.ts';
import type { JsonBodyBounds } from './body-bounds.ts';
import type { GatewayApp } from './context.ts';
import { noteExpectsContinue } from './continue.ts';
import { CORRELATION_HEADER, correlationIdFrom } from './correlation.ts';
import { directAnswerOf } from './direct-answer.ts';
import { answerThenDrain, type Discarding, type WholeAnswer, writeThenDrain } from './drain.ts';
import { announcedBytes } from './json-body.ts';
import type { GatewayLimits } from './limits.ts';
import { messageFault } from './message-fault.ts';
import { type Place, RequestPlaces } from './request-places.ts';
import { API } from './route.ts';

/** What the client expects beside an answer: nothing, to be told to go on (100-continue), or what we do not know. */
export type Expectation = 'nothing' | 'continue' | 'unknown';

export type RequestListener = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  expectation: Expectation,
) => void;

export interface ListenerOptions {
  readonly app: GatewayApp;
  readonly limits: GatewayLimits;
  readonly bodies: JsonBodyBounds;
  /** Imports under way. */
  readonly imports: Allowance;
  readonly discarding: Discarding;
  readonly isStopping: () => boolean;
  /** Told of every request that is answered here, before the application sees it. */
  readonly onRefused: (code: ProblemCode) => void;
}

/** Asked by whoever watches over this process: always answered, however much else there is to do. */
const OPERATIONAL = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

const IMPORT_PATH = new RegExp(`^${API}/clients/import(?:\\?|$)`);

/** Hands requests to the application, as many at once as the limits allow, and answers the rest itself. */
export function makeListener(options: ListenerOptions): RequestListener {
  const { app, limits, discarding, isStopping, onRefused } = options;
  const room = new RequestPlaces(limits.requests);
  const places = new WeakMap<IncomingMessage, Place>();
  const answer = getRequestListener(
    async (request, env) => {
      const incoming = env.incoming as IncomingMessage;
      const outgoing = env.outgoing as ServerResponse;
      const response = await app.fetch(request, env);
      places.get(incoming)?.handled();
      const direct = directAnswerOf(outgoing);
      if (direct !== undefined) {
        if (!direct.countsAsRequest) places.get(incoming)?.giveBack();
        return RESPONSE_ALREADY_SENT;
      }
      if (!incoming.complete) {
        places.get(incoming)?.giveBack();
        await answerThenDrain(incoming, outgoing, response, discarding);
        return RESPONSE_ALREADY_SENT;
      }
      if (isStopping()) response.headers.set('Connection', 'close');
      return response;
    },
    // What is left of a body is read by us.
    { errorHandler: () => uncorrelated('url-malformed'), autoCleanupIncoming: false },
  );

  const refuse = (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    code: ProblemCode,
    detail: string,
  ): void => {
    onRefused(code);
    const { headers, ...refusal } = refusalOf(code, detail);
    const correlation = {
      [CORRELATION_HEADER]: correlationIdFrom(incoming.headers['x-correlation-id']?.toString()),
    };
    const answered = { ...refusal, headers: { ...headers, ...correlation } };
    void writeThenDrain(incoming, outgoing, answered, discarding);
  };

  return (incoming, outgoing, expectation) => {
    const fault = messageFault(incoming);
    if (fault !== undefined) return refuse(incoming, outgoing, fault.code, fault.detail);
    if (expectation === 'unknown') {
      return refuse(incoming, outgoing, 'expectation-unsupported', 'The only expectation is 100-continue.');
    }
    // That version knows no such header, and the health checks of load balancers still speak it.
    if (incoming.httpVersion === '1.0') incoming.headers.host ??= 'localhost';
    if (!OPERATIONAL.test(incoming.url ?? '')) {
      const excess = excessOf(incoming, options);
      if (excess !== undefined) return refuse(incoming, outgoing, 'overloaded', excess);
      const place = room.take(incoming, outgoing);
      if (place === undefined) {
        return refuse(incoming, outgoing, 'overloaded', 'Too many requests are answered at this moment.');
      }
      places.set(incoming, place);
    }
    if (expectation === 'continue') noteExpectsContinue(incoming, outgoing);
    // It ends without the application too, where the URL cannot be read.
    void answer(incoming, outgoing).finally(() => places.get(incoming)?.handled());
  };
}

/** What would be refused where it is read, found before: here it costs a fifth. */
function excessOf(incoming: IncomingMessage, { bodies, imports }: ListenerOptions): string | undefined {
  const { method, url, headers } = incoming;
  if (method === 'POST' && IMPORT_PATH.test(url ?? '')) {
    return imports.has(1) ? undefined : 'Too many imports are under way at this moment.';
  }
  const bytes = /[/+]json/i.test(headers['content-type'] ?? '') ? announcedBytes(incoming, bodies.bytes) : 0;
  // What is larger is told so where it is read.
  if (bytes > bodies.bytes || bodies.together.has(bytes)) return undefined;
  return 'Too many bodies are read at this moment.';
}

const refusals = new Map<string, WholeAnswer>();

/** Written once for each detail; there are not many. */
function refusalOf(code: ProblemCode, detail: string): WholeAnswer {
  const known = refusals.get(detail);
  if (known !== undefined) return known;
  const document = makeProblem(code, detail);
  const headers = Object.fromEntries(answerProblem(document).headers);
  const made = { status: document.status, headers, body: Buffer.from(JSON.stringify(document)) };
  refusals.set(detail, made);
  return made;
}

const uncorrelated = (code: ProblemCode): Response =>
  answerProblem(makeProblem(code, 'The request cannot be read.'), {
    [CORRELATION_HEADER]: newId(),
    Connection: 'close',
  });
