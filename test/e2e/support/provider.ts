import { Agent, request } from 'undici';

export type JournalEntry = {
  readonly sequence: number;
  /** Epoch milliseconds: when the request's head had arrived. */
  readonly at: number;
  readonly messageId: number | null;
  readonly phone: number | null;
  readonly text: string | null;
  readonly accepted: boolean;
  readonly repeat: boolean;
  readonly idempotencyKey: string | null;
  /** `ok`, a fault's kind, or `status-<code>`. */
  readonly outcome: string;
  /** Null where the answer was never handed over whole. */
  readonly respondedAt: number | null;
};

export type JournalSummary = {
  readonly requests: number;
  readonly distinctAccepted: number;
  readonly byOutcome: Readonly<Record<string, number>>;
};

/** The embedded provider simulator: what it is told to do, and what it got. */
export class Provider {
  readonly #origin: string;
  readonly #agent = new Agent();

  constructor(controlUrl: string) {
    this.#origin = controlUrl;
  }

  behave(behaviour: object): Promise<string> {
    return this.#ask('PUT', '/control', JSON.stringify(behaviour));
  }

  behaveWell(): Promise<string> {
    return this.#ask('DELETE', '/control');
  }

  /** Everything that arrived with this text, in the order of arrival. */
  async journalOf(text: string): Promise<readonly JournalEntry[]> {
    return (await this.journal()).filter((entry) => entry.text === text);
  }

  async journal(): Promise<readonly JournalEntry[]> {
    const lines = await this.#ask('GET', '/journal');
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line): JournalEntry => JSON.parse(line));
  }

  async summary(): Promise<JournalSummary> {
    return JSON.parse(await this.#ask('GET', '/journal/summary'));
  }

  /** Empties the journal; what was accepted before is forgotten too. */
  forget(): Promise<string> {
    return this.#ask('DELETE', '/journal');
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #ask(method: string, path: string, body?: string): Promise<string> {
    const answer = await request(`${this.#origin}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { accept: 'application/x-ndjson' },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.body.text();
    if (answer.statusCode > 299) throw new Error(`the provider's control said ${answer.statusCode}: ${text}`);
    return text;
  }
}

/** How many different messages were accepted, and how many requests repeated one of them. */
export function summarize(entries: readonly JournalEntry[]): { distinct: number; repeats: number } {
  const accepted = entries.filter((entry) => entry.accepted);
  return {
    distinct: new Set(accepted.map(({ messageId }) => messageId)).size,
    repeats: accepted.filter((entry) => entry.repeat).length,
  };
}
