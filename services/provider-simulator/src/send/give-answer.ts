import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { dripSlowly } from './drip-slowly.ts';
import type { Exchange } from './exchange.ts';
import { sendCoded } from './send-coded.ts';
import { sendHugeBody } from './send-huge-body.ts';

const OK_BODY = '{"code":0,"message":"OK"}';
const JSON_TYPE = 'application/json';

/** Carries the answer out on the wire. */
export function giveAnswer(exchange: Exchange, answer: Answer): void {
  const { response } = exchange;
  switch (answer.kind) {
    case 'ok':
      send(response, 200, OK_BODY);
      break;
    case 'status':
      sendStatus(response, answer);
      break;
    case 'garbage':
      send(response, 200, '<html><body>502 Bad Gateway</body>');
      break;
    case 'wrong-body':
      send(response, 200, '{"status":"queued for review"}');
      break;
    case 'refusal':
      send(response, 200, JSON.stringify({ code: answer.code, message: answer.message }));
      break;
    case 'coded':
      sendCoded(response, OK_BODY, answer.coding, answer.unpackedBytes ?? 0);
      break;
    case 'hang':
      break;
    case 'reset-before':
    case 'reset-after':
      exchange.expectSevering();
      response.socket?.resetAndDestroy();
      break;
    case 'truncated':
      sendTruncated(exchange);
      break;
    case 'slow-drip':
      dripSlowly(exchange, OK_BODY, answer.bytesPerSecond);
      break;
    case 'huge':
      sendHugeBody(response, answer.bytes);
      break;
    default:
      answer satisfies never;
  }
}

function send(response: ServerResponse, status: number, body: string, type = JSON_TYPE): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function sendStatus(response: ServerResponse, answer: Extract<Answer, { kind: 'status' }>): void {
  const { status, retryAfterSeconds } = answer;
  const body = answer.body ?? { code: status, message: 'simulated fault' };
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  if (typeof body === 'string') send(response, status, body, 'text/plain; charset=utf-8');
  else send(response, status, JSON.stringify(body));
}

/** Promises more than it sends, then closes the connection in good order: a FIN, no reset. */
function sendTruncated(exchange: Exchange): void {
  const { response } = exchange;
  exchange.expectSevering();
  response.writeHead(200, { 'Content-Type': JSON_TYPE, 'Content-Length': OK_BODY.length });
  response.write(OK_BODY.slice(0, OK_BODY.length - 10), () => response.socket?.destroySoon());
}
