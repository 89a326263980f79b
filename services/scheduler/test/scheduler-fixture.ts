import {
  eventSubjects,
  type HeraldEvent,
  isMailingEvent,
  type Mailing,
  type MailingEventType,
  makeEvent,
  newId,
  parseEvent,
  pendingMailingsQuery,
} from '@herald/contracts';
import { readLog } from '@herald/event-log';
import { createRuntime, type Runtime, serveQuery } from '@herald/service-kit';
import { eventually, someMailing, startTestNats, type TestNats } from '@herald/testkit';
import { startScheduler } from '../src/app.ts';

type Pending = Pick<Mailing, 'id' | 'startAt' | 'endAt'> & { status: 'scheduled' | 'running' | 'paused' };

/** A log, the mailing service's one answer that schedulers ask for, and as many schedulers as the test starts. */
export class SchedulerFixture {
  readonly #nats: TestNats;
  readonly #tester: Runtime;
  readonly #schedulers = new Set<Runtime>();
  /** How many mailings one page of the answer holds. */
  pageSize = 1_000;
  /** The answer is of the log up to here; all of it when absent. */
  answerUpTo: number | undefined;

  static async start(): Promise<SchedulerFixture> {
    const nats = await startTestNats();
    return new SchedulerFixture(
      nats,
      await createRuntime({ service: 'tester', natsUrl: nats.url, logLevel: 'silent' }),
    );
  }

  private constructor(nats: TestNats, tester: Runtime) {
    this.#nats = nats;
    this.#tester = tester;
  }

  /** Begins to answer which mailings are to come, from the log alone, as the mailing service does. */
  async answerPending(): Promise<void> {
    const end = serveQuery(this.#tester.broker, this.#tester.log, pendingMailingsQuery, async ({ after }) => {
      const events = await this.#read();
      const upTo = this.answerUpTo ?? Number.MAX_SAFE_INTEGER;
      const latest = new Map<string, Mailing>();
      let sequence = 0;
      for (const { event, position } of events) {
        if (position > upTo) break;
        sequence = position;
        if (isMailingEvent(event)) latest.set(event.data.mailing.id, event.data.mailing);
      }
      const pending = [...latest.values()]
        .flatMap(({ id, status, startAt, endAt }): Pending[] =>
          status === 'scheduled' || status === 'running' || status === 'paused'
            ? [{ id, status, startAt, endAt }]
            : [],
        )
        .filter(({ id }) => after === null || id > after)
        .toSorted((one, other) => (one.id < other.id ? -1 : 1));
      const mailings = pending.slice(0, this.pageSize);
      return {
        sequence,
        mailings,
        next: pending.length > this.pageSize ? (mailings.at(-1)?.id ?? null) : null,
      };
    });
    this.#tester.onStop('answer', end);
    await this.#tester.broker.connection.flush();
  }

  /** Starts a scheduler without waiting until its alarms are set. */
  async beginScheduler(): Promise<{ runtime: Runtime; ready: Promise<void> }> {
    const runtime = await createRuntime({
      service: 'scheduler',
      instance: `scheduler-${newId()}`,
      natsUrl: this.#nats.url,
      logLevel: process.env.TEST_LOG_LEVEL ?? 'silent',
    });
    this.#schedulers.add(runtime);
    return { runtime, ready: startScheduler(runtime) };
  }

  async startScheduler(): Promise<Runtime> {
    const { runtime, ready } = await this.beginScheduler();
    await ready;
    return runtime;
  }

  async stopScheduler(runtime: Runtime): Promise<void> {
    this.#schedulers.delete(runtime);
    await runtime.stop();
  }

  async stop(): Promise<void> {
    for (const runtime of [...this.#schedulers]) await this.stopScheduler(runtime);
    await this.#tester.stop();
    await this.#nats.stop();
  }

  /** A mailing that starts and ends so many milliseconds from now. */
  async create(startMs: number, endMs: number): Promise<Mailing> {
    const now = Date.now();
    const at = (milliseconds: number): string => new Date(now + milliseconds).toISOString();
    const mailing = someMailing({
      startAt: at(startMs),
      endAt: at(endMs),
      createdAt: at(0),
      updatedAt: at(0),
    });
    await this.append('MailingCreated', mailing);
    return mailing;
  }

  /** @returns where the event stands */
  async append(type: MailingEventType, mailing: Mailing): Promise<number> {
    const body = { type, data: { mailing, recentCommands: [] } };
    const event = makeEvent(body, { source: 'tester', correlationId: 'test' }, new Date());
    const result = await this.#tester.writer.publish(
      eventSubjects.mailing(mailing.id),
      JSON.stringify(event),
    );
    if (result.kind !== 'stored') throw new Error(result.kind);
    return result.sequence;
  }

  async appendUnreadable(mailing: Mailing): Promise<void> {
    await this.#tester.writer.publish(eventSubjects.mailing(newId()), `{"about": "${mailing.id}"}`);
  }

  /** Waits until the last event of a mailing is this. @returns all of them */
  untilLast(mailing: Mailing, type: MailingEventType): Promise<HeraldEvent<MailingEventType>[]> {
    return eventually(
      async () => {
        const events = await this.eventsOf(mailing);
        return events.at(-1)?.type === type ? events : null;
      },
      { message: `the last event is ${type}` },
    );
  }

  async eventsOf(mailing: Mailing): Promise<HeraldEvent<MailingEventType>[]> {
    const events = (await this.#read(eventSubjects.mailing(mailing.id))).map(({ event }) => event);
    return events.filter((event) => isMailingEvent(event));
  }

  async #read(
    filter: string = eventSubjects.allMailings,
  ): Promise<Array<{ event: HeraldEvent; position: number }>> {
    const found: Array<{ event: HeraldEvent; position: number }> = [];
    const signal = AbortSignal.timeout(10_000);
    for await (const records of readLog(this.#tester.broker, {
      filter,
      startSequence: 1,
      stopAtEnd: true,
      signal,
    })) {
      for (const { text, sequence } of records) {
        if (text.includes('specversion')) found.push({ event: parseEvent(text), position: sequence });
      }
    }
    signal.throwIfAborted();
    return found;
  }
}
