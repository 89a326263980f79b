import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { Answer } from '../../src/provider/answer.ts';
import { TIMED_OUT } from '../../src/provider/call.ts';
import { CallAbort } from '../../src/provider/call-abort.ts';
import { classify } from '../../src/provider/classify.ts';
import { ProviderClient } from '../../src/provider/client.ts';

/** What one call may take here. */
export const TIMEOUT_MS = 400;
export const REQUEST = { messageId: 17, phone: '79161234567', textJson: '"Hello"' };

export const OK = '{"code":0,"message":"OK"}';
export const withBody = (head: string, body: string): string =>
  `HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

export interface Called {
  readonly answer: Answer;
  readonly tookMs: number;
}

/** A provider that does to each connection what the test says, and the client of a sender that calls it. */
export class ScriptedProvider {
  #server: Server | undefined;
  #client: ProviderClient | undefined;
  /** Where it listens. */
  url = '';

  /** @param rest of the URL, behind host and port */
  async listen(
    connected: (socket: Socket) => void,
    rest = '',
    timeoutMs = TIMEOUT_MS,
  ): Promise<ProviderClient> {
    this.#server = createServer(connected).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}${rest}`;
    this.#client = new ProviderClient({ url: this.url, token: 'a-token', timeoutMs, connections: 1 });
    return this.#client;
  }

  /** When the next connection is made. */
  async connected(): Promise<void> {
    if (this.#server === undefined) throw new Error('nobody listens');
    await once(this.#server, 'connection');
  }

  /** Calls a server that does this with each connection, once its request is there. */
  async callWith(behave: (socket: Socket) => void): Promise<Called> {
    await this.listen((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => behave(socket));
    });
    return this.call();
  }

  /** Calls the one that listens. */
  async call(): Promise<Called> {
    if (this.#client === undefined) throw new Error('nobody listens');
    const began = performance.now();
    const endBy = began + TIMEOUT_MS;
    const limits = { beginBy: Number.POSITIVE_INFINITY, endBy, endReason: TIMED_OUT, abort: new CallAbort() };
    const answer = classify(await this.#client.send(REQUEST, limits), Date.now(), 60_000);
    return { answer, tookMs: performance.now() - began };
  }

  async close(): Promise<void> {
    await this.#client?.close();
    this.#server?.close();
    this.#client = undefined;
    this.#server = undefined;
  }
}

/** For the tests of the file that calls it: closed after each of them. */
export function useScriptedProvider(): ScriptedProvider {
  const provider = new ScriptedProvider();
  afterEach(() => provider.close());
  return provider;
}
