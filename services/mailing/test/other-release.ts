import { type Client, type EventData, eventSubjects, type Mailing } from '@herald/contracts';
import { someClient, someMailing } from '@herald/testkit';
import type { PlayedLog } from './played-log.ts';

type Batch = EventData<'MessagesQueued'>;

/** What another release has left in the log: plans that today's rules do not lead to. */
export class OtherRelease {
  readonly #log: PlayedLog;
  #nextMessageId: number;

  constructor(log: PlayedLog, nextMessageId = 1) {
    this.#log = log;
    this.#nextMessageId = nextMessageId;
  }

  async register(count: number, attributes: Partial<Client> = {}): Promise<Client[]> {
    const clients = Array.from({ length: count }, () => someClient(attributes));
    await Promise.all(
      clients.map((client) =>
        this.#log.append(eventSubjects.client(client.id), {
          type: 'ClientRegistered',
          data: { client, recentCommands: [] },
        }),
      ),
    );
    return clients;
  }

  async remove(client: Client): Promise<void> {
    await this.#log.append(eventSubjects.client(client.id), {
      type: 'ClientRemoved',
      data: { client, recentCommands: [] },
    });
  }

  async start(filter: Mailing['filter']): Promise<Mailing> {
    const mailing = someMailing({ filter });
    await this.#log.startMailing(mailing);
    return { ...mailing, status: 'running', startedAt: new Date().toISOString() };
  }

  /** Makes batches of so many clients each, in the given order, whatever their zones are, without publishing them. */
  cut(mailing: Mailing, clients: readonly Client[], size: number): Batch[] {
    const batches: Batch[] = [];
    for (let first = 0; first < clients.length; first += size) {
      const clientIds = clients.slice(first, first + size).map(({ id }) => id);
      const timezone = clients[first]?.timezone ?? '';
      const batch = batches.length;
      batches.push({
        mailingId: mailing.id,
        batch,
        timezone,
        firstMessageId: this.#nextMessageId,
        clientIds,
      });
      this.#nextMessageId += clientIds.length;
    }
    return batches;
  }

  async publish(batches: readonly Batch[]): Promise<void> {
    for (const data of batches)
      await this.#log.append(eventSubjects.queued(data.mailingId, data.batch), {
        type: 'MessagesQueued',
        data,
      });
  }

  async resolve(mailing: Mailing, batches: readonly Batch[]): Promise<Mailing> {
    const messages = batches.reduce((sum, { clientIds }) => sum + clientIds.length, 0);
    const resolved: Mailing = { ...mailing, audience: { messages, batches: batches.length } };
    await this.#log.append(eventSubjects.mailing(mailing.id), {
      type: 'MailingAudienceResolved',
      data: { mailing: resolved, recentCommands: [] },
    });
    return resolved;
  }

  async complete(batches: readonly Batch[]): Promise<void> {
    for (const { mailingId, batch, clientIds } of batches)
      await this.#log.append(eventSubjects.batch(mailingId, batch), {
        type: 'BatchCompleted',
        data: { mailingId, batch, messages: clientIds.length },
      });
  }

  async settle(mailing: Mailing): Promise<Mailing> {
    const settledAt = new Date().toISOString();
    const settled: Mailing = { ...mailing, status: 'completed', endedAt: settledAt, settledAt };
    await this.#log.append(eventSubjects.mailing(mailing.id), {
      type: 'MailingSettled',
      data: { mailing: settled, recentCommands: [] },
    });
    return settled;
  }
}
