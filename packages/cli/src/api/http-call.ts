import { Agent, type IncomingMessage, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { NotReachableError } from '../failures.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type HttpCall = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly query?: Query | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** After so many milliseconds without a byte the call is given up; 0: never. */
  readonly silenceMs?: number;
};

const CONNECT_WITHIN_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
/** Each call has a connection of its own: a kept one may just be closed by the other side when the next call is written. */
const CLOSE = { Connection: 'close' };
/** Not through a proxy (NODE_USE_ENV_PROXY), of which Node's own agent knows: for calls to this machine. */
const DIRECTLY = new Agent({ keepAlive: false });
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * One call over HTTP. Node's own module rather than undici: it is loaded in half the time, and an answer that comes before the body was
 * sent whole is an answer like any other.
 *
 * @param base where Herald is, without `/api/v1`
 * @returns the answer, whatever its status; its body is still to be read
 * @throws {NotReachableError} when none comes; the signal's reason when it is aborted
 */
export function sendCall(base: URL, call: HttpCall, signal: AbortSignal): Promise<IncomingMessage> {
  const url = locate(base, call);
  const send = url.protocol === 'https:' ? requestSecure : requestPlain;
  const agent = LOOPBACK.test(url.hostname) && url.protocol === 'http:' ? DIRECTLY : undefined;
  const { body, method, headers, silenceMs = 0 } = call;
  const options: RequestOptions = {
    method,
    headers: { ...CLOSE, ...headers },
    signal,
    ...(agent && { agent }),
  };
  return new Promise((resolve, reject) => {
    const request = send(url, options);
    let isConnected = false;
    const unconnected = setTimeout(
      () => request.destroy(new Error('no connection in time')),
      CONNECT_WITHIN_MS,
    );
    request.on('socket', (socket) => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const connected = (): void => {
        isConnected = true;
        clearTimeout(unconnected);
      };
      // One that is open already leads through a proxy. Over TLS a certificate that is not trusted is no connection.
      if (!socket.connecting) connected();
      else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
    });
    if (silenceMs > 0) request.setTimeout(silenceMs, () => request.destroy(new Error('no answer in time')));
    request.on('response', resolve);
    // After the response this is told by its body, and the promise is settled already.
    request.on('error', (error) => {
      clearTimeout(unconnected);
      reject(signal.aborted ? signal.reason : connectionError(base, error, isConnected));
    });
    sendBody(request, body);
  });
}

/** An answer that comes before the body has been sent ends the sending, for the connection is closed behind it. */
function sendBody(request: ReturnType<typeof requestPlain>, body: string | Readable | undefined): void {
  if (body === undefined || typeof body === 'string') {
    request.end(body);
    return;
  }
  body.on('error', (error) => request.destroy(error));
  body.pipe(request);
}

function locate(base: URL, { path, query = {} }: HttpCall): URL {
  const url = new URL(`${base.pathname.replace(/\/+$/, '')}/api/v1${path}`, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Why a call failed, in words. */
export function connectionError(base: URL, error: Error, isConnected: boolean): NotReachableError {
  const code = 'code' in error ? String(error.code) : '';
  // Of Node's parser: what came is no answer of any HTTP server.
  if (code.startsWith('HPE_')) return foreignTo(base, 'it does not speak HTTP');
  const reason = REASONS[code] ?? (error.message || code || 'the connection failed');
  const where = base.href.replace(/\/$/, '');
  return isConnected
    ? new NotReachableError('lost', `The connection to Herald at ${where} was lost: ${reason}.`)
    : new NotReachableError('refused', `Herald is not reachable at ${where}: ${reason}.`);
}

const foreignTo = (base: URL, reason: string): NotReachableError =>
  new NotReachableError(
    'foreign',
    `What answers at ${base.href.replace(/\/$/, '')} is not Herald: ${reason}.`,
  );

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'it was cut off',
  EPIPE: 'it was cut off',
  EPROTO: 'TLS is not spoken there; http:// may be meant',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to this machine',
  ENETUNREACH: 'there is no way to this network',
};

/**
 * The whole body of an answer as text.
 *
 * @throws {NotReachableError} when it breaks off or is longer than 64 MiB; the signal's reason when it is aborted
 */
export async function readText(base: URL, response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new Error('the answer is too long');
      chunks.push(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(base, error instanceof Error ? error : new Error(String(error)), true);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const MOST_BYTES = 64 * 1_024 * 1_024;
