import { eventSubjects, isMailingEvent, type Mailing, parseEvent } from '@herald/contracts';
import { findSince } from '@herald/event-log';
import type { GatewayDependencies } from '../../http/context.ts';
import { reachBroker } from '../../reading/reach-broker.ts';
import type { EndInLog } from './ends-in-log.ts';
import { readInTime } from './read-in-time.ts';

/** So far the clock of who started a mailing and the broker's may be apart; beyond, the log is read from its begin. */
const CLOCKS_APART_MS = 15 * 60_000;

/**
 * The states of a mailing from its start on, as they stand in the log; none where it never started. The position of its start is
 * looked for by the time: a filter without a start has the server (2.9) walk through the whole log.
 *
 * @throws BrokerUnavailableError; Error when what stands there is no event of the catalogue
 */
export async function readEnds(
  dependencies: GatewayDependencies,
  mailing: Mailing,
  signal: AbortSignal,
): Promise<EndInLog[]> {
  if (mailing.startedAt === null) return [];
  const { broker } = dependencies;
  const since = Date.parse(mailing.startedAt) - CLOCKS_APART_MS;
  const from = await reachBroker(broker, () => findSince(broker, since));
  const ends = await readFrom(dependencies, mailing.id, from, signal);
  return ends.length > 0 ? ends : readFrom(dependencies, mailing.id, 1, signal);
}

async function readFrom(
  { broker, queryWaitMs }: GatewayDependencies,
  mailingId: string,
  startSequence: number,
  signal: AbortSignal,
): Promise<EndInLog[]> {
  const ends: EndInLog[] = [];
  const reading = { filter: eventSubjects.mailing(mailingId), startSequence, signal };
  for await (const records of readInTime(broker, reading, queryWaitMs)) {
    for (const { text, sequence, storedAt } of records) {
      const event = parseEvent(text);
      if (!isMailingEvent(event) || (ends.length === 0 && event.type !== 'MailingStarted')) continue;
      const { version, endAt } = event.data.mailing;
      ends.push({
        position: sequence,
        storedAt: Math.floor(storedAt),
        version,
        endAt: Date.parse(endAt),
      });
    }
  }
  return ends;
}
