import {
  BATCH_SIZE,
  type EventBody,
  eventSubjects,
  type Mailing,
  type MessageOutcome,
  makeEvent,
  newId,
  openMailingsQuery,
  outcomesOf,
  parseEvent,
  recipientsQuery,
} from '@herald/contracts';
import { loadLast, readLog } from '@herald/event-log';
import { createRuntime, type Runtime, serveQuery } from '@herald/service-kit';
import { type SenderOptions, startSender } from '../../src/app.ts';
import {
  type MailingWishes,
  makeClients,
  type PlayedMailing,
  runningMailing,
  type TestClient,
} from './played-mailing.ts';
import { TOKEN } from './simulator.ts';

let nextMessageId = 1;

export type LoggedOutcome = MessageOutcome | EventBody<'MessagesExpired' | 'MessagesCancelled'>;

/** Plays the mailing service: answers its two questions, and appends what it and the scheduler would append. */
export class FakeUpstream {
  readonly runtime: Runtime;
  readonly #natsUrl: string;
  readonly #clients = new Map<string, TestClient>();
  readonly #mailings = new Map<string, { mailing: Mailing; startedSequence: number }>();
  readonly #senders: Runtime[] = [];
  /** The position that what is answered is current to. */
  #currentTo = 0;
  /** While false the recipients' question is answered with a failure. */
  directoryAnswers = true;
  directoryQuestions = 0;
  /** Clients in all of these questions. */
  clientsAskedFor = 0;
  /** The answers to the recipients' question wait for this. */
  directoryGate: Promise<void> = Promise.resolve();

  private constructor(runtime: Runtime, natsUrl: string) {
    this.runtime = runtime;
    this.#natsUrl = natsUrl;
  }

  static async open(natsUrl: string): Promise<FakeUpstream> {
    const runtime = await createRuntime({ service: 'test-upstream', natsUrl, logLevel: 'fatal' });
    const upstream = new FakeUpstream(runtime, natsUrl);
    const { broker, log } = runtime;
    serveQuery(broker, log, openMailingsQuery, async ({ after }) => upstream.#answerOpen(after));
    serveQuery(broker, log, recipientsQuery, async ({ clientIds }) => {
      upstream.directoryQuestions += 1;
      upstream.clientsAskedFor += clientIds.length;
      await upstream.directoryGate;
      if (!upstream.directoryAnswers) throw new Error('the directory is away');
      const found = clientIds.flatMap((id) => upstream.#clients.get(id) ?? []);
      return { recipients: found };
    });
    return upstream;
  }

  async close(): Promise<void> {
    await this.stopSenders();
    await this.runtime.stop();
  }

  /** Starts a sender in this process, on a connection of its own. */
  async sender(providerUrl: string, options: Partial<SenderOptions> = {}): Promise<Runtime> {
    const runtime = await createRuntime({
      service: 'sender',
      instance: `sender-${newId().slice(0, 8)}`,
      natsUrl: this.#natsUrl,
      logLevel: process.env.TEST_LOG_LEVEL ?? 'fatal',
    });
    startSender(runtime, {
      providerUrl,
      providerToken: TOKEN,
      // Far above what a call takes, so that a machine that stands still for a second times none out.
      providerTimeoutMs: 5_000,
      idempotent: true,
      concurrency: 16,
      deadlineGuardMs: 100,
      clockToleranceMs: 50,
      ...options,
    });
    this.#senders.push(runtime);
    return runtime;
  }

  async stopSenders(): Promise<void> {
    await Promise.all(this.#senders.splice(0).map((sender) => sender.stop()));
  }

  /** Ends every mailing that is still open, so that the next test's senders do not see it. */
  forgetMailings(): void {
    this.#mailings.clear();
  }

  removeClient(id: string): void {
    this.#clients.delete(id);
  }

  /** Starts a mailing and queues its batches. */
  async startMailing(wishes: MailingWishes): Promise<PlayedMailing> {
    const clients = typeof wishes.clients === 'number' ? makeClients(wishes.clients) : wishes.clients;
    for (const client of clients) this.#clients.set(client.id, client);
    const mailing = runningMailing(wishes);
    const startedSequence = await this.#append(eventSubjects.mailing(mailing.id), {
      type: 'MailingStarted',
      data: { mailing, recentCommands: [] },
    });
    this.#mailings.set(mailing.id, { mailing, startedSequence });
    this.#currentTo = startedSequence;
    if (wishes.paused) await this.pause(mailing.id);
    const size = wishes.batchSize ?? BATCH_SIZE;
    const first = nextMessageId;
    nextMessageId += clients.length;
    let batch = 0;
    for (let from = 0; from < clients.length; from += size) {
      const part = clients.slice(from, from + size);
      await this.#append(eventSubjects.queued(mailing.id, batch), {
        type: 'MessagesQueued',
        data: {
          mailingId: mailing.id,
          batch,
          timezone: part[0]?.timezone ?? 'UTC',
          firstMessageId: first + from,
          clientIds: part.map((client) => client.id),
        },
      });
      batch += 1;
    }
    const messageIds = clients.map((_client, index) => first + index);
    return { id: mailing.id, clients, messageIds, batches: batch };
  }

  /** Appends what no sender can read to a mailing's subject. */
  async garble({ id }: PlayedMailing): Promise<void> {
    await this.runtime.writer.publish(eventSubjects.mailing(id), '{"of": "a newer release"}');
  }

  /** Appends an event of a mailing with its state changed. */
  async change(
    id: string,
    type:
      | 'MailingPaused'
      | 'MailingResumed'
      | 'MailingExpired'
      | 'MailingDeleted'
      | 'MailingChanged'
      | 'MailingSettled',
    change: Partial<Mailing>,
  ): Promise<void> {
    const known = this.#mailings.get(id);
    if (known === undefined) throw new Error(`no mailing ${id}`);
    known.mailing = { ...known.mailing, ...change };
    await this.#append(eventSubjects.mailing(id), {
      type,
      data: { mailing: known.mailing, recentCommands: [] },
    });
  }

  pause = (id: string): Promise<void> => this.change(id, 'MailingPaused', { status: 'paused' });
  resume = (id: string): Promise<void> => this.change(id, 'MailingResumed', { status: 'running' });
  expire = (id: string): Promise<void> => this.change(id, 'MailingExpired', { status: 'expired' });
  delete = (id: string): Promise<void> => this.change(id, 'MailingDeleted', { status: 'deleted' });

  /** How many batches of a mailing are completed. */
  async completed(mailing: PlayedMailing): Promise<number> {
    const { broker } = this.runtime;
    const subjects = Array.from({ length: mailing.batches }, (_, batch) =>
      eventSubjects.batch(mailing.id, batch),
    );
    const found = await Promise.all(subjects.map((subject) => loadLast(broker, subject)));
    return found.filter((last) => last !== null).length;
  }

  isCompleted = async (mailing: PlayedMailing): Promise<boolean> =>
    (await this.completed(mailing)) === mailing.batches;

  /** Everything that the log says of a mailing's messages, in order, each outcome by itself. */
  async outcomes(mailing: PlayedMailing): Promise<LoggedOutcome[]> {
    return (await this.outcomeTexts(mailing)).flatMap((text): LoggedOutcome[] => {
      const event = parseEvent(text);
      return event.type === 'MessagesExpired' || event.type === 'MessagesCancelled'
        ? [event]
        : outcomesOf(event).map(({ outcome }) => outcome);
    });
  }

  /** The records, as they stand there. */
  async outcomeTexts(mailing: PlayedMailing): Promise<string[]> {
    const texts: string[] = [];
    const chunks = readLog(this.runtime.broker, {
      filter: `events.*.message.${mailing.id}.*.outcome`,
      startSequence: 1,
      stopAtEnd: true,
      signal: AbortSignal.timeout(10_000),
    });
    for await (const chunk of chunks) for (const record of chunk) texts.push(record.text);
    return texts;
  }

  /** How often each type of outcome stands in the log; those of many messages count for each. */
  async tally(mailing: PlayedMailing): Promise<Record<string, number>> {
    const tally: Record<string, number> = {};
    for (const { type, data } of await this.outcomes(mailing)) {
      tally[type] = (tally[type] ?? 0) + ('messageIds' in data ? data.messageIds.length : 1);
    }
    return tally;
  }

  async #append(subject: string, body: EventBody): Promise<number> {
    const event = makeEvent(body, { source: 'test', correlationId: 'a-correlation' }, new Date());
    const result = await this.runtime.writer.publish(subject, JSON.stringify(event));
    return result.kind === 'stored' ? result.sequence : 0;
  }

  /** In small pages, so that every test with several mailings also turns them. */
  #answerOpen(after: string | null) {
    const ids = [...this.#mailings.keys()].sort().filter((id) => after === null || id > after);
    const page = ids.slice(0, 2);
    return {
      sequence: this.#currentTo,
      mailings: page.map((id) => ({ id, startedSequence: this.#mailings.get(id)?.startedSequence ?? 0 })),
      next: ids.length > page.length ? (page.at(-1) ?? null) : null,
    };
  }
}
