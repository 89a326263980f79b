import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request whose answer its handler writes itself, piece by piece, after it has returned. */
export interface DirectRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** What every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is said of it in the log. */
  readonly about: Readonly<Record<string, string>>;
}

interface DirectAnswer {
  /** Whether it is one of the requests that are answered at once, until it ends. */
  readonly countsAsRequest: boolean;
}

const begun = new WeakMap<ServerResponse, DirectAnswer>();

/** Writes the head of an answer (200). Nothing can be refused any more. */
export function beginDirectAnswer(
  { outgoing, headers: common }: DirectRequest,
  headers: Readonly<Record<string, string>>,
  answer: DirectAnswer,
): void {
  begun.set(outgoing, answer);
  outgoing.writeHead(200, { ...headers, ...common });
  outgoing.flushHeaders();
}

/**
 * Tells once that the answer is over, or that whoever asked is gone. Of an answer that waits behind another one on its
 * connection Node tells nothing when the connection breaks, so the socket is asked too.
 */
export function onceOver({ incoming, outgoing }: DirectRequest, tell: () => void): void {
  const { socket } = incoming;
  const over = (): void => {
    outgoing.off('close', over);
    socket.off('close', over);
    tell();
  };
  if (outgoing.destroyed || socket.destroyed) tell();
  else {
    outgoing.once('close', over);
    socket.once('close', over);
  }
}

/** What was begun on an answer; `undefined` where the response that the application returns is to be written. */
export const directAnswerOf = (outgoing: ServerResponse): DirectAnswer | undefined => begun.get(outgoing);

/** Stands for an answer that was begun, or whose body nobody asked for. */
export const answeredDirectly = (headers: Readonly<Record<string, string>>): Response =>
  new Response(null, { headers });
