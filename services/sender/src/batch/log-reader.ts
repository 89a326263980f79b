import { EVENTS_STREAM } from '@herald/contracts';
import { type Broker, type LogRecord, loadLastMessage, readLog } from '@herald/event-log';

/** How batches read the log. Everything throws the broker's errors. */
export interface LogReader {
  /** Whether nothing stands on a subject. One small request. */
  isEmpty(subject: string): Promise<boolean>;
  /** What stands on a subject from a position on, in its order; ends early where the signal aborts. */
  read(
    subject: string,
    startSequence: number,
    signal: AbortSignal,
  ): AsyncIterable<ReadonlyArray<Pick<LogRecord, 'text'>>>;
}

/** Reads the log of a broker. */
export const logReader = (broker: Broker): LogReader => ({
  isEmpty: async (subject) => (await loadLastMessage(broker, EVENTS_STREAM, subject)) === null,
  read: (filter, startSequence, signal) =>
    readLog(broker, { filter, startSequence, stopAtEnd: true, signal }),
});
