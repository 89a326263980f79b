import { type Client, type EventBody, type Mailing, makeEvent, newId } from '@herald/contracts';
import type { FoldedEvent } from '@herald/postgres';
import { someMailing } from '@herald/testkit';

export const ZONES = ['Asia/Omsk', 'Europe/Moscow', 'asia/Lower', 'Zulu'];
export const TAGS = ['', 'gold', 'plain'];
export const CODES = ['916', '926', '999'];

/** The log of a directory and its mailings, with the clients as they are at its end. */
export class DirectoryLog {
  readonly events: FoldedEvent[] = [];
  readonly clients = new Map<string, Client>();
  readonly #known: Client[] = [];
  readonly started: Array<{ mailing: Mailing; clients: Client[] }> = [];

  register(count: number, zones: number): void {
    for (let index = 0; index < count; index += 1) {
      const number = this.#known.length;
      const at = '2026-01-01T00:00:00.000Z';
      const client: Client = {
        id: newId(),
        phone: `7${CODES[number % 3]}${String(number).padStart(7, '0')}`,
        operatorCode: CODES[number % 3] ?? '',
        tag: TAGS[(number >> 1) % 3] ?? '',
        timezone: ZONES[number % zones] ?? '',
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      this.#known.push(client);
      this.#put('ClientRegistered', client);
    }
  }

  change(chosen: (number: number) => boolean, zone: string, tag: string): void {
    for (const { id } of this.#known.filter((_, number) => chosen(number))) {
      const client = this.clients.get(id);
      if (client !== undefined)
        this.#put('ClientChanged', { ...client, tag, timezone: zone, version: client.version + 1 });
    }
  }

  remove(chosen: (number: number) => boolean): void {
    for (const { id } of this.#known.filter((_, number) => chosen(number))) {
      const client = this.clients.get(id);
      if (client !== undefined) this.#put('ClientRemoved', client);
    }
  }

  registerAgain(chosen: (number: number) => boolean): void {
    for (const client of this.#known.filter((_, number) => chosen(number)))
      if (!this.clients.has(client.id)) this.#put('ClientRegistered', client);
  }

  start(wanted: Mailing['filter']): void {
    const at = '2026-01-01T00:00:00.000Z';
    const mailing = someMailing({
      startAt: at,
      filter: wanted,
      status: 'running',
      createdAt: at,
      updatedAt: at,
      startedAt: at,
    });
    this.#append({ type: 'MailingStarted', data: { mailing, recentCommands: [] } });
    this.started.push({ mailing, clients: [...this.clients.values()] });
  }

  complete(number: number, batches: readonly number[]): void {
    const { mailing } = this.started[number] ?? {};
    if (mailing === undefined) throw new Error(`mailing ${number} was not started`);
    for (const batch of batches)
      this.#append({ type: 'BatchCompleted', data: { mailingId: mailing.id, batch, messages: 200 } });
  }

  end(number: number): void {
    const { mailing } = this.started[number] ?? {};
    if (mailing === undefined) throw new Error(`mailing ${number} was not started`);
    const audience = { messages: 1, batches: 1 };
    const settledAt = '2026-01-01T00:00:00.000Z';
    const resolved = { ...mailing, audience };
    this.#append({ type: 'MailingAudienceResolved', data: { mailing: resolved, recentCommands: [] } });
    const settled: Mailing = { ...resolved, status: 'completed', endedAt: settledAt, settledAt };
    this.#append({ type: 'MailingSettled', data: { mailing: settled, recentCommands: [] } });
  }

  #put(type: 'ClientRegistered' | 'ClientChanged' | 'ClientRemoved', client: Client): void {
    if (type === 'ClientRemoved') this.clients.delete(client.id);
    else this.clients.set(client.id, client);
    if (type === 'ClientChanged')
      this.#append({ type, data: { client, previousPhone: null, recentCommands: [] } });
    else this.#append({ type, data: { client, recentCommands: [] } });
  }

  #append(body: EventBody): void {
    const event = makeEvent(body, { source: 'tester', correlationId: 'test' }, new Date(0));
    const sequence = this.events.length + 1;
    this.events.push({ event, record: { subject: 'test', sequence, storedAt: 0, pending: 0, text: '' } });
  }
}
