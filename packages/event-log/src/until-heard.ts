import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from 'nats';
import type { Broker } from './connection.ts';

/** An answer that takes longer than this is asked for again, milliseconds. */
const REPEAT_MS = 5_000;
/** Where nobody listens it is said again after 250 to 500 ms. */
const LEAST_PAUSE_MS = 250;

/**
 * Says something to the server until it answers: again after a time-out, and at once when a lost connection stands
 * again, since what was said into the old one is gone. For what does no harm when it is heard twice.
 *
 * @param say what to say now; `null` when there is nothing to say any more
 * @returns false when it was not heard within that time, or the connection is closed for good
 */
export async function untilHeard(
  broker: Broker,
  subject: string,
  say: () => string | null,
  withinMs: number,
): Promise<boolean> {
  const { promise: over, resolve: giveUp } = Promise.withResolvers<'over'>();
  const timer = setTimeout(giveUp, withinMs, 'over').unref();
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  try {
    while (!isOver) {
      const words = say();
      if (words === null || broker.connection.isClosed()) return false;
      const next = nextConnection(broker);
      const answer = broker.isConnected() ? ask(broker, subject, words) : next.stands;
      const came = await Promise.race([answer, next.stands, over]);
      next.forget();
      if (came === 'heard') return true;
      // Also where the consumer's leader has just been lost, and the next one does not listen yet.
      if (came === 'nobody-there') await Promise.race([pause(), over]);
    }
    return false;
  } finally {
    clearTimeout(timer);
  }
}

const pause = (): Promise<void> =>
  sleep(LEAST_PAUSE_MS + Math.random() * LEAST_PAUSE_MS, undefined, { ref: false });

async function ask(
  { connection }: Broker,
  subject: string,
  words: string,
): Promise<'heard' | 'nobody-there' | 'silence'> {
  try {
    await connection.request(subject, words, { timeout: REPEAT_MS });
    return 'heard';
  } catch (error) {
    return error instanceof RequestError && error.isNoResponders() ? 'nobody-there' : 'silence';
  }
}

/** `stands` resolves when the connection is there again, or closed for good. */
function nextConnection(broker: Broker) {
  const { promise: stands, resolve } = Promise.withResolvers<'again'>();
  const forget = broker.onChange((connected) => {
    if (connected || broker.connection.isClosed()) resolve('again');
  });
  return { stands, forget };
}
