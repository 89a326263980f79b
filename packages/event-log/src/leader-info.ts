import type { StreamInfo } from '@nats-io/jetstream';
import type { Broker } from './connection.ts';

/**
 * What is known of a stream, from a server that leads it or takes itself for its leader, which one that was cut off does
 * for 10 to 20 s more. One that has lost its majority answers for as long as it lives, by its own copy, which may be behind.
 *
 * @throws Error where nobody leads the stream; JetStreamApiError when it is not there; whatever the request fails with
 */
export async function leaderInfo(broker: Broker, stream: string): Promise<StreamInfo> {
  const info = await broker.manager.streams.info(stream);
  if (info.cluster !== undefined && !info.cluster.leader) throw new Error(`${stream} has no leader`);
  return info;
}
