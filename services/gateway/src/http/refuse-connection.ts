import type { Socket } from 'node:net';
import { newId } from '@herald/contracts';
import { makeProblem } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { CORRELATION_HEADER } from './correlation.ts';
import { answerRawThenDrain, type Discarding } from './drain.ts';

/** Answers what is not even HTTP, and closes the connection. */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  discarding: Discarding,
): ProblemCode | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const code = codeOf(error.code);
  void answerRawThenDrain(socket, problemMessage(code, 'The request cannot be read.'), discarding);
  return code;
}

/** Refuses to be a tunnel. */
export function refuseTunnel(socket: Socket, discarding: Discarding): void {
  const allowed = 'Allow: DELETE, GET, HEAD, PATCH, POST';
  void answerRawThenDrain(
    socket,
    problemMessage('method-not-allowed', 'This is no proxy.', allowed),
    discarding,
  );
}

function problemMessage(code: ProblemCode, detail: string, ...headers: string[]): string {
  const document = makeProblem(code, detail);
  const body = JSON.stringify(document);
  const head = [
    `HTTP/1.1 ${document.status} ${document.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_HEADER}: ${newId()}`,
    ...headers,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function codeOf(reason: string | undefined): ProblemCode {
  if (reason === 'HPE_HEADER_OVERFLOW') return 'headers-too-large';
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return 'request-malformed';
}
