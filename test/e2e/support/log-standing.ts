import { type HeraldEvent, outcomesOf, parseEvent } from '@herald/contracts';
import { type Broker, connectBroker, loadRecord } from '@herald/event-log';
import type { Herald } from './herald.ts';

/** What stands in the log of a system, by positions. */
export class LogStanding {
  readonly broker: Broker;

  private constructor(broker: Broker) {
    this.broker = broker;
  }

  static async open(herald: Herald): Promise<LogStanding> {
    return new LogStanding(await connectBroker({ url: herald.natsUrl, name: 'e2e' }));
  }

  /** The event at a position, and when it happened: of a fact about one message inside it, where it is named so. */
  async at(
    position: number,
    name: string | null,
    messageId?: number,
  ): Promise<{ readonly event: HeraldEvent; readonly at: string }> {
    const record = await loadRecord(this.broker, position);
    if (record === null) throw new Error(`nothing stands at ${position}`);
    const event = parseEvent(record.text);
    if (event.type === name) return { event, at: event.time };
    const fact = outcomesOf(event).find(
      ({ outcome }) => outcome.type === name && outcome.data.messageId === messageId,
    );
    if (fact === undefined) throw new Error(`at ${position} stands ${event.type}, not ${name}`);
    return { event, at: fact.at };
  }

  close(): Promise<void> {
    return this.broker.connection.close();
  }
}

/** Which mailing or client an event speaks of. */
export function subjectOf({ data }: HeraldEvent): string | undefined {
  if ('mailing' in data) return data.mailing.id;
  if ('client' in data) return data.client.id;
  return 'mailingId' in data ? data.mailingId : undefined;
}
