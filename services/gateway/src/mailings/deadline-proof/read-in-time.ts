import { type Broker, type LogRecord, type ReadOptions, readLog } from '@herald/event-log';
import { BrokerUnavailableError } from '../../reading/reach-broker.ts';

/**
 * Reads the log to its end, as `readLog` does, but does not wait for ever for a broker that is away.
 *
 * @param silentMs how long nothing may come while something is asked for
 * @throws BrokerUnavailableError after that; the signal's reason when it aborts
 */
export async function* readInTime(
  broker: Broker,
  options: ReadOptions,
  silentMs: number,
): AsyncGenerator<readonly LogRecord[]> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const reader = readLog(broker, { ...options, stopAtEnd: true, signal });
  try {
    for (;;) {
      const timer = setTimeout(
        () => silence.abort(new BrokerUnavailableError('the log does not answer')),
        silentMs,
      );
      const chunk = await reader.next().finally(() => clearTimeout(timer));
      // A reading that is ended looks like one that has come to its end.
      signal.throwIfAborted();
      if (chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    await reader.return(undefined);
  }
}
