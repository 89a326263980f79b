import { type EventBody, eventSubjects, type HeraldEvent, makeEvent, newId } from '@herald/contracts';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { type Broker, connectBroker } from '../src/connection.ts';
import { readLog } from '../src/ordered-reader.ts';
import type { ReadOptions } from '../src/read-options.ts';
import type { LogRecord } from '../src/record.ts';
import { ensureTopology } from '../src/topology.ts';
import { LogWriter } from '../src/writer.ts';

/** A broker with both streams, and one connection to it. */
export interface LogFixture {
  readonly nats: TestNats;
  readonly broker: Broker;
  readonly writer: LogWriter;
  /** Kills the server without a warning and starts it again; resolves when the connection stands again. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLog(): Promise<LogFixture> {
  const nats = await startTestNats();
  const broker = await connectBroker({ url: nats.url, name: 'tester' });
  await ensureTopology(broker, { replicas: 1 });
  const writer = new LogWriter(broker);
  return {
    nats,
    broker,
    writer,
    crash: async () => {
      await nats.kill();
      await nats.restart();
      await eventually(() => broker.isConnected(), { message: 'the connection stands again' });
    },
    stop: async () => {
      writer.close();
      await broker.connection.close();
      await nats.stop();
    },
  };
}

/** An event about the end of a batch, which needs no other state. */
export function batchCompleted(mailingId: string, batch = 0): HeraldEvent {
  const body: EventBody = { type: 'BatchCompleted', data: { mailingId, batch, messages: 1 } };
  return makeEvent(body, { source: 'tester', correlationId: 'test' }, new Date());
}

/** A subject of the log that nobody else uses. */
export const freshSubject = (mailingId = newId()): string => eventSubjects.mailing(mailingId);

/** Appends numbers in order. @returns the position of the first */
export async function fill(log: LogFixture, subject: string, from: number, count: number): Promise<number> {
  const results = await Promise.all(
    Array.from({ length: count }, (_, index) => log.writer.publish(subject, String(from + index))),
  );
  const [first] = results;
  return first?.kind === 'stored' ? first.sequence : 0;
}

export const numbers = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

/** Everything that stands on a subject now. */
export async function readAll(
  broker: Broker,
  filter: string,
  more: Partial<ReadOptions> = {},
): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  const signal = AbortSignal.timeout(15_000);
  const reading = { filter, startSequence: 1, stopAtEnd: true, signal, ...more };
  for await (const records of readLog(broker, reading)) found.push(...records);
  reading.signal.throwIfAborted();
  return found;
}
