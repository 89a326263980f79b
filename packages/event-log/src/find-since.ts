import { EVENTS_STREAM } from '@herald/contracts';
import type { Broker } from './connection.ts';
import { leaderInfo } from './leader-info.ts';

/**
 * The first position of the log that was stored at a moment or later, by the broker's clock; one behind the last where all
 * of it is older. Found by halves, with some twenty questions for single records: a consumer that starts at a time
 * would have the server (2.9) count all that follows.
 *
 * @param at milliseconds since 1970
 * @throws the client's errors when the broker does not answer within its time-out
 */
export async function findSince(broker: Broker, at: number): Promise<number> {
  const { state } = await leaderInfo(broker, EVENTS_STREAM);
  let from = Math.max(1, state.first_seq);
  let behind = state.last_seq + 1;
  while (from < behind) {
    const middle = Math.floor((from + behind) / 2);
    const stored = await broker.manager.streams.getMessage(EVENTS_STREAM, { seq: middle });
    // Nothing is ever deleted from the log; should something be missing all the same, reading begins before it.
    if (stored === null || stored.time.getTime() >= at) behind = middle;
    else from = middle + 1;
  }
  return from;
}
