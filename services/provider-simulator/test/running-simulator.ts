import { Agent, type Dispatcher, request } from 'undici';
import { onTestFinished } from 'vitest';
import { type Simulator, startSimulator } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { JournalEntry } from '../src/journal/entry.ts';
import type { JournalSummary } from '../src/journal/tally.ts';
import { createLogger } from '../src/logger.ts';

export const TOKEN = 'a-token-for-tests';

export interface Answered {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

export interface SendOptions {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A simulator in this process on real sockets, and a client to it; all is closed when the test is finished. */
export class RunningSimulator {
  readonly simulator: Simulator;
  readonly #agent = new Agent({ connections: 64, headersTimeout: 5_000, bodyTimeout: 5_000 });

  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  static async start(environment: Record<string, string> = {}): Promise<RunningSimulator> {
    const config = readConfig({ PROVIDER_TOKEN: TOKEN, ...environment }, 1);
    const running = new RunningSimulator(await startSimulator(config, createLogger('silent', 'test')));
    onTestFinished(() => running.stop());
    return running;
  }

  /** Asks the control port. */
  async ask(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<Answered> {
    const document = body === undefined ? null : JSON.stringify(body);
    return this.fetch(`${this.simulator.controlUrl}${path}`, { method, body: document });
  }

  async behave(behaviour: object): Promise<void> {
    const { status, text } = await this.ask('PUT', '/control', behaviour);
    if (status !== 200) throw new Error(`the behaviour was refused: ${text}`);
  }

  /** Sends a valid message, except for what is said otherwise. */
  async send(id: number, options: SendOptions = {}): Promise<Answered> {
    return this.fetch(`${this.simulator.url}${options.path ?? `/v1/send/${id}`}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...options.headers },
      body: options.body ?? JSON.stringify({ id, phone: 79_161_234_567, text: 'Hello' }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  async entries(query = ''): Promise<JournalEntry[]> {
    const { text } = await this.ask('GET', `/journal${query}`);
    return JSON.parse(text).entries;
  }

  async summary(): Promise<JournalSummary & { inFlight: number; maxInFlight: number }> {
    return JSON.parse((await this.ask('GET', '/journal/summary')).text);
  }

  async fetch(url: string, options: Parameters<typeof request>[1]): Promise<Answered> {
    const { statusCode, headers, body } = await request(url, { ...options, dispatcher: this.#agent });
    return { status: statusCode, headers, text: await body.text() };
  }

  async stop(): Promise<void> {
    await this.#agent.destroy();
    await this.simulator.stop();
  }
}
