import {
  type EventBody,
  eventSubjects,
  type HeraldEvent,
  type Mailing,
  makeEvent,
  type Provenance,
  parseEvent,
} from '@herald/contracts';
import { readLog } from '@herald/event-log';
import type { Runtime } from '@herald/service-kit';

/** The log, in which a test plays the other services and looks what a mailing service has appended. */
export class PlayedLog {
  readonly #tester: Runtime;

  constructor(tester: Runtime) {
    this.#tester = tester;
  }

  /** Appends an event as another service does, without looking what is there. */
  async append(subject: string, body: EventBody, more: Partial<Provenance> = {}): Promise<void> {
    const event = makeEvent(body, { source: 'tester', correlationId: 'test', ...more }, new Date());
    await this.#tester.writer.publish(subject, JSON.stringify(event));
  }

  /** Starts a mailing as the scheduler does. */
  async startMailing(mailing: Mailing): Promise<void> {
    const started: Mailing = { ...mailing, status: 'running', startedAt: new Date().toISOString() };
    const body: EventBody = { type: 'MailingStarted', data: { mailing: started, recentCommands: [] } };
    await this.append(eventSubjects.mailing(mailing.id), body);
  }

  /** All events of a filter, from the first on. */
  async events(filter: string = eventSubjects.all): Promise<HeraldEvent[]> {
    const found: HeraldEvent[] = [];
    const signal = new AbortController().signal;
    for await (const records of readLog(this.#tester.broker, {
      filter,
      startSequence: 1,
      signal,
      stopAtEnd: true,
    })) {
      found.push(...records.map((record) => parseEvent(record.text)));
    }
    return found;
  }
}
