import type { IncomingMessage, ServerResponse } from 'node:http';
import { newId } from '@herald/contracts';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { answerProblem, makeProblem } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { Allowance } from './allowance.ts';
import type { GatewayApp } from './context.ts';
import { CORRELATION_HEADER, correlationIdFrom } from './correlation.ts';
import { answerThenDrain, type Discarding } from './drain.ts';
import type { GatewayLimits } from './limits.ts';
import { messageFault } from './message-fault.ts';

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
  /** Bytes of JSON bodies, as those who read them take from it. */
  readonly bodyBytes: Allowance;
  readonly discarding: Discarding;
  readonly isStopping: () => boolean;
  /** Told of every request that is answered here, before the application sees it. */
  readonly onRefused: (code: ProblemCode) => void;
}

/** Asked by whoever watches over this process: always answered, however much else there is to do. */
const OPERATIONAL = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

/** The most that BODY_LIMIT_BYTES can be. */
const LARGEST_JSON = 524_288;

/** Hands requests to the application, as many at once as the limits allow, and answers the rest itself. */
export function makeListener(options: ListenerOptions): RequestListener {
  const { app, limits, bodyBytes, discarding, isStopping, onRefused } = options;
  const requests = new Allowance(limits.requests);
  /** What gives the place of a request back. */
  const places = new WeakMap<IncomingMessage, () => void>();
  const answer = getRequestListener(
    async (request, env) => {
      const incoming = env.incoming as IncomingMessage;
      const outgoing = env.outgoing as ServerResponse;
      const response = await app.fetch(request, env);
      if (!incoming.complete) {
        // It is answered; what still comes of its body holds nobody up.
        places.get(incoming)?.();
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
    const headers = {
      [CORRELATION_HEADER]: correlationIdFrom(incoming.headers['x-correlation-id']?.toString()),
    };
    void answerThenDrain(incoming, outgoing, answerProblem(makeProblem(code, detail), headers), discarding);
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
      // It would be refused where it is read; here it costs a fifth.
      if (!bodyBytes.has(jsonBytesOf(incoming))) {
        return refuse(incoming, outgoing, 'overloaded', 'Too many bodies are read at this moment.');
      }
      const giveBack = requests.take(1);
      if (giveBack === undefined) {
        return refuse(incoming, outgoing, 'overloaded', 'Too many requests are answered at this moment.');
      }
      places.set(incoming, giveBack);
      outgoing.once('close', giveBack);
    }
    if (expectation === 'continue') outgoing.writeContinue();
    void answer(incoming, outgoing);
  };
}

function jsonBytesOf({ headers }: IncomingMessage): number {
  const isJson = /[/+]json/i.test(headers['content-type'] ?? '');
  const bytes = Number(headers['content-length'] ?? 0);
  // What is larger is told so where it is read.
  return isJson && bytes <= LARGEST_JSON ? bytes : 0;
}

const uncorrelated = (code: ProblemCode): Response =>
  answerProblem(makeProblem(code, 'The request cannot be read.'), {
    [CORRELATION_HEADER]: newId(),
    Connection: 'close',
  });
