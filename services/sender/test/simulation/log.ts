import { type HeraldEvent, parseEvent } from '@herald/contracts';
import { type LogWriter, RecordsUnavailableError } from '@herald/event-log';
import type { LogReader } from '../../src/batch/log-reader.ts';
import type { ClaimStore } from '../../src/ownership/claims.ts';
import type { SimulatedBroker } from './broker.ts';
import type { Poison } from './poison.ts';
import type { SenderLink } from './sender-link.ts';

const REQUEST_MS = 5_000;

/** Reads the log over a connection. */
export const simulatedReader = (broker: SimulatedBroker, link: SenderLink): LogReader => ({
  isEmpty: (subject) => link.ask(REQUEST_MS, () => broker.recordsOn(subject).length === 0),
  read: async function* (subject, startSequence, signal) {
    const records = await link.ask(REQUEST_MS, () => [...broker.recordsOn(subject)]);
    if (!signal.aborted) yield records.filter(({ sequence }) => sequence >= startSequence);
  },
});

/** Writes to the log over a connection; refuses what the poison refuses. */
export const simulatedWriter = (
  broker: SimulatedBroker,
  link: SenderLink,
  poison: Poison,
): Pick<LogWriter, 'publish'> => ({
  publish: async (subject, payload, { expectedLastSequence } = {}) => {
    refusePoisoned(payload, poison);
    const heard = await link.untilHeard(() => () => broker.store(subject, payload, expectedLastSequence));
    const sequence = heard?.reply ?? null;
    return sequence === null
      ? { kind: 'conflict', retried: true }
      : { kind: 'stored', sequence, duplicate: false };
  },
});

/** @throws Error for a record with an outcome that the log does not take, unless it says so in plain words */
function refusePoisoned(payload: string, poison: Poison): void {
  if (poison.at !== 'record' || !payload.includes('"OutcomesRecorded"')) return;
  const { data } = parseEvent(payload) as HeraldEvent<'OutcomesRecorded'>;
  for (const outcome of data.outcomes) {
    const isPlain = 'error' in outcome && outcome.error.startsWith('undecidable');
    if (!isPlain) poison.strike('record', data.firstMessageId + outcome.place);
  }
}

/** The claims, over a connection. */
export function simulatedStore(broker: SimulatedBroker, link: SenderLink): ClaimStore {
  const ask = async <Reply>(timeoutMs: number, atBroker: () => Reply): Promise<Reply> => {
    try {
      return await link.ask(timeoutMs, atBroker);
    } catch (error) {
      throw new RecordsUnavailableError('not answered', { cause: error });
    }
  };
  return {
    read: (subject) => ask(REQUEST_MS, () => broker.recordsOn(subject).at(-1) ?? null),
    replace: (subject, text, expected, timeoutMs = REQUEST_MS) =>
      ask(timeoutMs, () => broker.store(subject, text, expected)),
    put: async (subject, text) => (await ask(REQUEST_MS, () => broker.store(subject, text))) ?? 0,
  };
}
