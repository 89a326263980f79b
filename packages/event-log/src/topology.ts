import {
  CLAIMS_STREAM,
  COMMANDS_STREAM,
  COORDINATION_STREAM,
  claimSubjects,
  commandSubjects,
  coordinationSubjects,
  EVENTS_STREAM,
  eventSubjects,
} from '@herald/contracts';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { Broker } from './connection.ts';
import { leaderInfo } from './leader-info.ts';

export interface TopologyOptions {
  /** Copies of each stream: 1 on a single server, 3 in a cluster. */
  readonly replicas: number;
  /** How much room commands may take, bytes; {@link COMMANDS_MAX_BYTES} where absent. */
  readonly commandsMaxBytes?: number;
}

/**
 * Room for a quarter of a million writes, or an import of a million clients, that wait for a mailing service: then
 * further ones are refused. The server reserves as much of its store.
 */
export const COMMANDS_MAX_BYTES = 256 * 1_024 * 1_024;

const DAY_NS = 24 * 60 * 60 * 1_000_000_000;
const HOUR_NS = 60 * 60 * 1_000_000_000;
const MINUTE_NS = 60 * 1_000_000_000;

/** Before this version the expected-sequence check races on replicated streams: two appends can both pass. */
const SAFE_REPLICATION = [2, 9, 21] as const;

/** The replicas asked for are not safe on this server. */
export class UnsafeReplicationError extends Error {
  override readonly name = 'UnsafeReplicationError';
}

/**
 * Makes the streams that hold something, or finds them there; safe to be done by every service at once. Limits of an existing stream are
 * left as its operator set them.
 *
 * @throws UnsafeReplicationError when more than one replica is asked of a server older than 2.9.21
 */
export async function ensureTopology(broker: Broker, options: TopologyOptions): Promise<void> {
  const version = broker.connection.info?.version ?? '0.0.0';
  if (options.replicas > 1 && isOlder(version, SAFE_REPLICATION)) {
    throw new UnsafeReplicationError(
      `${options.replicas} replicas need nats-server ${SAFE_REPLICATION.join('.')} or newer, this is ${version}`,
    );
  }
  await ensureStream(broker, {
    name: COMMANDS_STREAM,
    subjects: [commandSubjects.all, commandSubjects.allAccepted],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: options.commandsMaxBytes ?? COMMANDS_MAX_BYTES,
    max_age: 7 * DAY_NS,
    duplicate_window: 2 * MINUTE_NS,
    num_replicas: options.replicas,
  });
  await limitCommands(broker, options.commandsMaxBytes ?? COMMANDS_MAX_BYTES);
  await ensureStream(broker, {
    name: EVENTS_STREAM,
    subjects: [eventSubjects.all],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    deny_delete: true,
    deny_purge: true,
    duplicate_window: 2 * MINUTE_NS,
    num_replicas: options.replicas,
  });
  await ensureClaims(broker, options);
}

/**
 * Gives commands a limit where a release up to 8 has made their stream without one. A server may delete what is over a
 * new limit (2.9 does, whatever the discard policy says), and more may come meanwhile: where more than half of it stands
 * there now, the limit waits for the next start. What such a release has left there the mailing service sweeps.
 */
async function limitCommands(broker: Broker, maxBytes: number): Promise<void> {
  const { streams } = broker.manager;
  if ((await streams.info(COMMANDS_STREAM)).config.max_bytes > 0) return;
  try {
    const { state } = await streams.update(COMMANDS_STREAM, { discard: DiscardPolicy.New });
    if (state.bytes <= maxBytes / 2) await streams.update(COMMANDS_STREAM, { max_bytes: maxBytes });
  } catch (error) {
    // The server has no such room to reserve, or another service is doing the same: it works without.
    if (!(error instanceof JetStreamApiError)) throw error;
  }
}

/**
 * Makes the stream for who works on which batch, or finds it there; true where it was missing. In files: a broker that
 * forgot its consumers at a crash must not forget its claims at the same time.
 */
export async function ensureClaims(broker: Broker, options: TopologyOptions): Promise<boolean> {
  return ensureStream(broker, {
    name: CLAIMS_STREAM,
    subjects: [claimSubjects.all],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    max_age: HOUR_NS,
    duplicate_window: 2 * MINUTE_NS,
    num_replicas: options.replicas,
  });
}

/**
 * Makes the stream for what processes agree on with each other, or finds it there; true where it was missing. In memory:
 * what stands there is old within seconds, and a disk would have to take dozens of writes a second. A single server
 * forgets it with its config when it restarts, so whoever uses it makes it again when it is gone.
 */
export async function ensureCoordination(broker: Broker, options: TopologyOptions): Promise<boolean> {
  return ensureStream(broker, {
    name: COORDINATION_STREAM,
    subjects: [coordinationSubjects.all],
    retention: RetentionPolicy.Limits,
    storage: StorageType.Memory,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    max_age: HOUR_NS,
    num_replicas: options.replicas,
  });
}

/**
 * Resolves when the streams that hold something are there and led by a server.
 *
 * @throws as {@link leaderInfo}
 */
export async function topologyAnswers(broker: Broker): Promise<void> {
  for (const stream of [EVENTS_STREAM, COMMANDS_STREAM, CLAIMS_STREAM]) await leaderInfo(broker, stream);
}

/** True where it was missing. */
async function ensureStream(
  broker: Broker,
  config: Partial<StreamConfig> & { name: string },
): Promise<boolean> {
  try {
    await broker.manager.streams.info(config.name);
    return false;
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.status !== 404) throw error;
    await addStream(broker, config);
    return true;
  }
}

async function addStream(broker: Broker, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    await broker.manager.streams.add(config);
  } catch (error) {
    // Another service made it between our look and our request.
    if (!(error instanceof JetStreamApiError)) throw error;
    await broker.manager.streams.info(config.name).catch(() => {
      // It is not there, and what the server said of our request tells why (too few servers for the copies, say).
      throw error;
    });
  }
}

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('-')[0]?.split('.').map(Number) ?? [];
  for (const [index, wanted] of than.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
