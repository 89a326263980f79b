import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const TOKEN = 'a-token-for-tests';

const MAIN = join(import.meta.dirname, '../../../provider-simulator/src/main.ts');

export interface JournalEntry {
  readonly sequence: number;
  readonly at: number;
  readonly messageId: number | null;
  readonly phone: number | null;
  readonly text: string | null;
  readonly accepted: boolean;
  readonly attempt: number;
  readonly repeat: boolean;
  readonly outcome: string;
  readonly aborted: boolean;
}

/** The provider simulator as a process of its own, and its control. */
export class SimulatorProcess {
  readonly url: string;
  readonly #controlUrl: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, controlUrl: string) {
    this.#child = child;
    this.url = url;
    this.#controlUrl = controlUrl;
  }

  static async start(): Promise<SimulatorProcess> {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, PROVIDER_TOKEN: TOKEN, PORT: '', CONTROL_PORT: '', LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line);
      if (typeof said.controlUrl !== 'string') continue;
      child.stdout.resume();
      return new SimulatorProcess(child, said.url, said.controlUrl);
    }
    throw new Error('the provider simulator did not start');
  }

  async behave(behaviour: object): Promise<void> {
    await this.#ask('PUT', '/control', behaviour);
  }

  /** Healthy again, with an empty journal. */
  async reset(): Promise<void> {
    await this.#ask('DELETE', '/control');
    await this.#ask('DELETE', '/journal');
  }

  async journal(): Promise<JournalEntry[]> {
    const text = await this.#ask('GET', '/journal?limit=10000');
    return JSON.parse(text).entries;
  }

  async requests(): Promise<number> {
    return JSON.parse(await this.#ask('GET', '/journal/summary')).requests;
  }

  /** The most requests that were under way at one time. */
  async mostAtOnce(): Promise<number> {
    return JSON.parse(await this.#ask('GET', '/journal/summary')).maxInFlight;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  async #ask(method: string, path: string, body?: object): Promise<string> {
    const response = await fetch(`${this.#controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text;
  }
}
