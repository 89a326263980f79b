import {
  CLAIMS_STREAM,
  claimSubjects,
  commandSubjects,
  EVENTS_STREAM,
  eventSubjects,
  newId,
} from '@herald/contracts';
import {
  type Broker,
  connectBroker,
  ensureTopology,
  LogWriter,
  openClaims,
  readLog,
} from '@herald/event-log';
import { type NatsCluster, startNatsCluster } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterBinary } from '../e2e/support/broker.ts';
import { tell } from '../resilience/support/progress.ts';

const TOPOLOGY = { replicas: 3 };
const AT_ONCE = 50;
/** So much that a node which comes back empty takes seconds to catch up. */
const HEAVY = { records: 4_000, bytes: 20_000 };

describe('the log on a cluster', () => {
  let cluster: NatsCluster;
  let broker: Broker;
  let writer: LogWriter;
  beforeAll(async () => {
    cluster = await startNatsCluster(await clusterBinary());
    broker = await connectBroker({ url: cluster.url, name: 'test' });
    // Every service makes the streams when it starts, and all start at once.
    await Promise.all(Array.from({ length: 6 }, () => ensureTopology(broker, TOPOLOGY)));
    writer = new LogWriter(broker);
  });
  afterAll(async () => {
    writer.close();
    await broker.connection.close();
    await cluster.stop();
  });

  const atOnce = <Result>(work: (index: number) => Promise<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));

  it('stores one of 50 publishes with one id, and tells the others that they are duplicates', async () => {
    const subject = commandSubjects.client(newId());
    const results = await atOnce(() => writer.publish(subject, '{}', { messageId: subject }));
    const stored = results.filter((result) => result.kind === 'stored');
    expect(stored.length).toBe(AT_ONCE);
    expect(stored.filter(({ duplicate }) => !duplicate).length).toBe(1);
    expect(new Set(stored.map(({ sequence }) => sequence)).size).toBe(1);
  });

  it('stores one of 50 publishes with one expectation, and the others are conflicts', async () => {
    const subject = eventSubjects.mailing(newId());
    const results = await atOnce(() => writer.publish(subject, '{}', { expectedLastSequence: 0 }));
    expect(results.filter(({ kind }) => kind === 'stored').length).toBe(1);
    expect(results.filter(({ kind }) => kind === 'conflict').length).toBe(AT_ONCE - 1);
  });

  it('lets one of 50 replace a record, and the others know it', async () => {
    const claims = openClaims(broker, TOPOLOGY);
    const subject = claimSubjects.batch(newId(), 0);
    const results = await atOnce((index) => claims.replace(subject, String(index), 0));
    expect(results.filter((sequence) => sequence !== null).length).toBe(1);
    const { config } = await broker.manager.streams.info(CLAIMS_STREAM);
    expect(config.num_replicas).toBe(3);
  });

  it('reads what stands there to its end while a node comes back empty and catches up', async () => {
    const subject = eventSubjects.outcome(newId(), 0);
    const padding = 'x'.repeat(HEAVY.bytes);
    await Promise.all(
      Array.from({ length: HEAVY.records }, () => writer.publish(eventSubjects.outcome(newId(), 0), padding)),
    );
    for (let number = 0; number < 10; number += 1) await writer.publish(subject, String(number));
    const leader = await cluster.leaderOf(EVENTS_STREAM);
    const node = cluster.nodes.find(({ name }) => name !== leader.name);
    await node?.kill();
    await node?.forget();
    await node?.start();
    let isInSync = false;
    const catchingUp = cluster.untilInSync().then(() => {
      isInSync = true;
    });
    const found: number[] = [];
    while (!isInSync) {
      const signal = AbortSignal.timeout(60_000);
      let records = 0;
      for await (const portion of readLog(broker, {
        filter: subject,
        startSequence: 1,
        stopAtEnd: true,
        signal,
      })) {
        records += portion.length;
      }
      found.push(records);
    }
    await catchingUp;
    tell(`${found.length} readings while a node caught up`);
    expect(new Set([10, ...found])).toEqual(new Set([10]));
  });
});
