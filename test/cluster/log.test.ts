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
import { eventually, type NatsCluster, startNatsCluster } from '@herald/testkit';
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
    // Every service makes the streams when it starts, and all start at once; an answer that is lost is asked for again.
    await Promise.all(Array.from({ length: 6 }, () => eventually(makeStreams, { timeoutMs: 60_000 })));
    writer = new LogWriter(broker);
  });
  afterAll(async () => {
    writer?.close();
    await broker?.connection.close();
    await cluster?.stop();
  });

  const makeStreams = async (): Promise<true> => {
    await ensureTopology(broker, TOPOLOGY);
    return true;
  };

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
    if (node === undefined) throw new Error('a cluster has more than one node');
    await node.kill();
    await node.forget();
    const found: number[] = [];
    const ending = new AbortController();
    const readOnce = async (): Promise<number> => {
      const signal = AbortSignal.any([AbortSignal.timeout(60_000), ending.signal]);
      const reading = { filter: subject, startSequence: 1, stopAtEnd: true, signal };
      let records = 0;
      for await (const chunk of readLog(broker, reading)) records += chunk.length;
      // A reading that was broken off has read what it has read.
      signal.throwIfAborted();
      return records;
    };
    const readings = (async () => {
      while (!ending.signal.aborted) found.push(await readOnce());
    })();
    // Whatever it fails with is told when it is awaited.
    readings.catch(() => {});
    try {
      await node.start();
      await Promise.race([cluster.untilInSync(), readings]);
      // One that began while the node caught up, whatever was read before.
      const before = found.length;
      await Promise.race([eventually(() => found.length > before, { timeoutMs: 60_000 }), readings]);
    } finally {
      ending.abort(new Error('the test ends'));
      await readings.catch((error) => {
        if (error !== ending.signal.reason) throw error;
      });
    }
    tell(`${found.length} readings while a node caught up`);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set([10]));
  });
});
