import type { IncomingMessage, ServerResponse } from 'node:http';

const asking = new WeakMap<IncomingMessage, ServerResponse>();

/** Notes that the client of a request waits for `100 Continue` before it sends the body. */
export function noteExpectsContinue(incoming: IncomingMessage, outgoing: ServerResponse): void {
  asking.set(incoming, outgoing);
}

/** Tells it so, once: to be called before the body is first read, when the request is taken. */
export function tellToContinue(incoming: IncomingMessage): void {
  const outgoing = asking.get(incoming);
  if (outgoing === undefined) return;
  asking.delete(incoming);
  if (!outgoing.headersSent && !outgoing.destroyed) outgoing.writeContinue();
}
