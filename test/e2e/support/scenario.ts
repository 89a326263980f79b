import type { Client, Mailing, MailingStatus, Message, MessageCounts } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect } from 'vitest';
import type { Herald } from './herald.ts';

export type Page<Item> = {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  readonly asOf: string;
};
export type MailingStatistics = {
  readonly mailing: string;
  readonly status: MailingStatus | 'deleted';
  readonly audienceResolved: boolean;
  readonly planned: number;
  readonly counts: MessageCounts;
  readonly retries: number;
  readonly firstSentAt: string | null;
  readonly lastSentAt: string | null;
  readonly timeline: readonly (Omit<MessageCounts, 'queued'> & { readonly at: string })[];
  readonly asOf: string;
};
export type ImportResult = {
  readonly received: number;
  readonly registered: number;
  readonly updated: number;
  readonly rejected: number;
  readonly errors: readonly { readonly line: number; readonly message: string }[];
};

type AcceptedImport = { readonly id: string; readonly status: 'accepted' };

const HOUR_MS = 3_600_000;
const IMPORTED_MS = 120_000;
let scenarios = 0;
let phones = 0;

export const inMs = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

/** A phone that no other test of this file uses. */
export function newPhone(operatorCode = '900'): string {
  phones += 1;
  return `7${operatorCode}${String(phones).padStart(7, '0')}`;
}

/** Clients under a tag and mailings with a text that no other test has. */
export class Scenario {
  readonly tag: string;
  readonly text: string;
  readonly #herald: Herald;

  constructor(herald: Herald) {
    scenarios += 1;
    this.tag = `scenario-${scenarios}`;
    this.text = `Hello from scenario ${scenarios}`;
    this.#herald = herald;
  }

  /** Registers clients at once, and answers their phones when the directory shows them all. */
  async registerMany(count: number, operatorCode = '900', tag = this.tag): Promise<readonly string[]> {
    const own = Array.from({ length: count }, () => newPhone(operatorCode));
    const csv = [
      'phone,timezone,operatorCode,tag',
      ...own.map((phone) => `${phone},UTC,${operatorCode},${tag}`),
    ];
    const answer = await this.#herald.api.expect<ImportResult | AcceptedImport>('POST', '/clients/import', {
      body: csv.join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    const result = 'status' in answer ? await this.#resultOf(answer) : answer;
    expect(result).toMatchObject({ received: count, registered: count, rejected: 0 });
    return own;
  }

  /** A slow machine is answered 202 before all are registered. */
  #resultOf({ id }: AcceptedImport): Promise<ImportResult> {
    const look = async () => {
      const state = await this.#herald.api.get<{ status: string; result: ImportResult }>(`/commands/${id}`);
      return state.status === 'done' && state.result;
    };
    return eventually(look, { timeoutMs: IMPORTED_MS, everyMs: 100, message: 'the clients are registered' });
  }

  registerOne(): Promise<Client> {
    const body = { phone: newPhone(), timezone: 'UTC', tag: this.tag };
    return this.#herald.api.expect<Client>('POST', '/clients', { body });
  }

  /** Starts at once and lasts an hour unless told otherwise. */
  createMailing(changes: object = {}, headers: Record<string, string> = {}): Promise<Mailing> {
    const body = {
      text: this.text,
      startAt: inMs(-1_000),
      endAt: inMs(HOUR_MS),
      filter: { tags: [this.tag] },
      ...changes,
    };
    return this.#herald.api.expect<Mailing>('POST', '/mailings', { body, headers });
  }

  statistics(mailingId: string): Promise<MailingStatistics> {
    return this.#herald.api.get(`/mailings/${mailingId}/stats`);
  }

  mailing(mailingId: string): Promise<Mailing> {
    return this.#herald.api.get(`/mailings/${mailingId}`);
  }

  untilStatus(mailingId: string, status: MailingStatus, timeoutMs = 20_000): Promise<Mailing> {
    const look = async () => {
      const found = await this.mailing(mailingId);
      return found.status === status ? found : undefined;
    };
    return eventually(look, { timeoutMs, message: `the mailing is ${status}` });
  }

  /** Waits until the provider has got so many requests of this scenario. */
  async untilProviderGot(requests: number, timeoutMs = 20_000): Promise<void> {
    const enough = async () => (await this.journal()).length >= requests;
    await eventually(enough, { timeoutMs, everyMs: 50, message: `the provider got ${requests} requests` });
  }

  journal() {
    return this.#herald.provider.journalOf(this.text);
  }

  /** Waits until every message has ended, and answers the statistics once they show it, with sums that agree. */
  async untilAllEnded(mailingId: string, timeoutMs = 30_000): Promise<MailingStatistics> {
    let last: MailingStatistics | undefined;
    const look = async () => {
      last = await this.statistics(mailingId);
      const isOver = last.status === 'completed' || last.status === 'expired' || last.status === 'deleted';
      return isOver && last.audienceResolved && last.counts.queued === 0 && last;
    };
    const ended = await eventually(look, {
      timeoutMs,
      everyMs: 50,
      message: 'every message has ended',
    }).catch((error: unknown) => {
      throw new Error(`Not every message has ended: ${JSON.stringify(last)}`, { cause: error });
    });
    expect(sumOf(ended.counts)).toBe(ended.planned);
    return ended;
  }

  messagesOf(mailingId: string): Promise<readonly Message[]> {
    return collectAll(this.#herald, `/mailings/${mailingId}/messages?limit=1000`);
  }
}

export const sumOf = (counts: MessageCounts): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Follows a list to its end. */
export async function collectAll<Item>(herald: Herald, path: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
    const page: Page<Item> = await herald.api.get(`${path}${at}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
