import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/read-body.ts';
import type { Journal } from '../journal/journal.ts';
import { isAccepted, outcomeOf } from './answer.ts';
import type { ExchangeEnd } from './exchange.ts';
import { giveAnswer } from './give-answer.ts';
import type { InFlight } from './in-flight.ts';
import { type Judge, judge, type SendRequest } from './judge.ts';
import { parseMessageId, parseSendBody } from './send-body.ts';

const MAX_BODY_BYTES = 65_536;

export interface SendDependencies extends Judge {
  readonly journal: Journal;
  readonly inFlight: InFlight;
  /** Milliseconds since the epoch, with a fraction, never backwards. */
  readonly now: () => number;
}

export type SendHandler = (request: IncomingMessage, response: ServerResponse, pathId: string) => void;

/** Serves POST /v1/send/{messageId}: read, decide, record, and only then answer. */
export function createSendHandler(dependencies: SendDependencies): SendHandler {
  const { journal, inFlight, now, behaviour } = dependencies;

  const onEnd = ({ how, sequence }: ExchangeEnd): void => {
    if (sequence === null) return;
    if (how === 'answered') journal.noteResponded(sequence, now());
    if (how === 'client-left') journal.noteAborted(sequence);
  };

  return (request, response, pathId) => {
    const at = now();
    const messageId = parseMessageId(pathId);
    const idempotencyKey = headerOf(request, 'idempotency-key');
    const exchange = inFlight.begin(response, onEnd);

    readBody(request, MAX_BODY_BYTES, (read) => {
      if (read.kind === 'broken-off') {
        const unread = { phone: null, text: null, accepted: false, outcome: 'incomplete' };
        const sequence = journal.record({ at, messageId, idempotencyKey, ...unread });
        if (!exchange.isSevered) journal.noteAborted(sequence);
        return;
      }
      const body = read.kind === 'complete' ? parseSendBody(read.text) : read;
      const { authorization } = request.headers;
      const answer = judge(dependencies, { at, messageId, authorization, idempotencyKey, body });
      const attempt = messageId === null ? 0 : journal.requestsOf(messageId) + 1;
      const sequence = journal.record({
        at,
        messageId,
        idempotencyKey,
        ...knownOf(body),
        accepted: isAccepted(answer),
        outcome: outcomeOf(answer),
      });
      exchange.recordedAs(sequence);
      const latencyMs = behaviour.latencyFor(messageId ?? 0, attempt);
      exchange.after(latencyMs, () => giveAnswer(exchange, answer));
    });
  };
}

function knownOf(body: SendRequest['body']): { phone: number | null; text: string | null } {
  if (body.kind !== 'valid') return { phone: null, text: null };
  return { phone: body.body.phone, text: body.body.text };
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
