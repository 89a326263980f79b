import { connect } from 'node:net';

/** What became of a request that was sent over a socket of its own. */
export type RawOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Of a problem document; empty elsewhere. */
      readonly code: string;
      readonly retryAfter: string | undefined;
      readonly text: string;
      readonly afterMs: number;
    }
  /** The connection ended before a whole answer had come. */
  | { readonly kind: 'dropped'; readonly reason: string; readonly afterMs: number }
  | { readonly kind: 'silent'; readonly afterMs: number };

export type RawRequest = {
  readonly port: number;
  /** Request line and headers, without the empty line. */
  readonly head: readonly string[];
  readonly body?: Uint8Array | undefined;
  /** Sends these bytes of the body one after another, so many milliseconds apart, instead of all at once. */
  readonly everyMs?: number;
  /** Gives up waiting for the answer after so long. */
  readonly patienceMs: number;
};

/**
 * Sends a request as a simple client does: all of the body, whether or not an answer comes before. Nothing of it is
 * repeated, and a connection that breaks before the answer is whole counts as dropped.
 */
export function sendRaw(request: RawRequest): Promise<RawOutcome> {
  const begin = performance.now();
  const afterMs = (): number => Math.round(performance.now() - begin);
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    let fault = 'closed';
    let trickle: NodeJS.Timeout | undefined;
    const socket = connect({ port: request.port, host: '127.0.0.1' });
    const settle = (outcome: RawOutcome): void => {
      clearInterval(trickle);
      clearTimeout(patience);
      socket.destroy();
      resolve(outcome);
    };
    const patience = setTimeout(() => settle({ kind: 'silent', afterMs: afterMs() }), request.patienceMs);
    socket.on('connect', () => {
      socket.write(`${request.head.join('\r\n')}\r\n\r\n`);
      if (request.body === undefined) return;
      if (request.everyMs === undefined) socket.write(request.body);
      else trickle = trickleBody(request.body, request.everyMs, (byte) => socket.write(byte));
    });
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const answer = readAnswer(received, afterMs());
      if (answer !== undefined) settle(answer);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      fault = error.code ?? error.message;
    });
    socket.on('close', () => settle({ kind: 'dropped', reason: fault, afterMs: afterMs() }));
  });
}

function trickleBody(body: Uint8Array, everyMs: number, write: (byte: Uint8Array) => void): NodeJS.Timeout {
  let next = 0;
  return setInterval(() => {
    if (next < body.length) write(body.subarray(next, next + 1));
    next += 1;
  }, everyMs);
}

/** `undefined` until the answer has come whole. */
function readAnswer(received: Buffer, afterMs: number): RawOutcome | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = received.subarray(0, end).toString('latin1');
  const header = (name: string): string | undefined =>
    new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim();
  const text = received.subarray(end + 4).toString();
  const length = header('content-length');
  const whole = length === undefined ? text.endsWith('0\r\n\r\n') : Buffer.byteLength(text) >= Number(length);
  const status = Number(head.slice(9, 12));
  if (status === 100) return readAnswer(received.subarray(end + 4), afterMs);
  if (!whole && status !== 204) return undefined;
  const code = /"code":"([a-z-]+)"/.exec(text)?.[1] ?? '';
  return { kind: 'answered', status, code, retryAfter: header('retry-after'), text, afterMs };
}

/** How often each outcome came: `200`, `503 overloaded`, `dropped ECONNRESET`, … */
export function tally(outcomes: readonly RawOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = nameOf(outcome);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function nameOf(outcome: RawOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return `${outcome.status} ${outcome.code}`.trim();
    case 'dropped':
      return `dropped ${outcome.reason}`;
    case 'silent':
      return 'silent';
    default:
      return outcome satisfies never;
  }
}
