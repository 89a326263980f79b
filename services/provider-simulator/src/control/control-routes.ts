import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { type Behaviour, behaviourSchema, healthyBehaviour } from '../behaviour/behaviour-schema.ts';
import { describe, fieldErrors, sendJson, sendNoContent, sendProblem } from '../http/problem.ts';
import { type ReadBody, readBody } from '../http/read-body.ts';
import type { Routes } from '../http/router.ts';
import type { BehaviourControl } from './behaviour-control.ts';

const MAX_BODY_BYTES = 4 * 1_048_576;

/** GET shows the behaviour in force, PUT replaces it, DELETE makes the provider healthy again. */
export function createControlRoutes(control: BehaviourControl, logger: Logger): Routes {
  const apply = async (
    behaviour: Behaviour,
    { request, response }: { request: IncomingMessage; response: ServerResponse },
    answer: () => void,
  ): Promise<void> => {
    const applied = await control.apply(behaviour, request.socket);
    if (applied === 'port-taken') {
      sendProblem(response, 503, 'the port of /v1/send has been taken by another process');
      return;
    }
    const { outage, rules, rejectToken } = behaviour;
    logger.info({ outage, rules: rules.length, rejectToken }, 'behaviour replaced');
    // This connection may be the last to the port of /v1/send, spared until here.
    if (outage === 'refuse') response.setHeader('Connection', 'close');
    answer();
  };

  return {
    '/control': {
      GET: (_request, response) => sendJson(response, control.current),

      PUT: async (request, response) => {
        const read = await new Promise<ReadBody>((resolve) => readBody(request, MAX_BODY_BYTES, resolve));
        if (read.kind === 'broken-off') return;
        if (read.kind === 'too-large') return sendProblem(response, 413, 'the body is above 4 MiB');
        const document = parseJson(read.text);
        if (document === undefined) return sendProblem(response, 400, 'the body is not JSON');
        const parsed = behaviourSchema.safeParse(document);
        if (!parsed.success) {
          const errors = fieldErrors(parsed.error);
          return sendProblem(response, 422, describe(errors), errors);
        }
        await apply(parsed.data, { request, response }, () => sendJson(response, control.current));
      },

      DELETE: (request, response) =>
        apply(healthyBehaviour, { request, response }, () => sendNoContent(response)),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
