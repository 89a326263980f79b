import {
  COMMAND_CONSUMER,
  COMMANDS_STREAM,
  commandSubjects,
  makeCommand,
  newId,
  parseCommand,
} from '@herald/contracts';
import { ensureDurable, ensureTopology, type Work, WorkQueue } from '@herald/event-log';
import { createRuntime, type Runtime } from '@herald/service-kit';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandCleanup } from './command-cleanup.ts';

let nats: TestNats;
let runtime: Runtime;
/** The ids of commands that were never carried out. */
const withoutResult = new Set<string>();
beforeEach(async () => {
  nats = await startTestNats();
  runtime = await createRuntime({ service: 'tester', natsUrl: nats.url, logLevel: 'silent' });
  await ensureTopology(runtime.broker, { replicas: 1 });
  await ensureDurable(runtime.broker, {
    stream: COMMANDS_STREAM,
    name: COMMAND_CONSUMER,
    filter: commandSubjects.all,
    startSequence: 1,
    ackWaitMs: 30_000,
    maxAckPending: 10_000,
  });
});
afterEach(async () => {
  withoutResult.clear();
  await runtime.stop();
  await nats.stop();
});

const open = (groupMs = 3_600_000, { broker, log }: Runtime = runtime) =>
  new CommandCleanup({ broker, log, groupMs, isCarriedOut: async (id) => !withoutResult.has(id) });

/** The positions that are in the stream. */
async function left(): Promise<number[]> {
  const { streams } = runtime.broker.manager;
  const { state } = await streams.info(COMMANDS_STREAM, { deleted_details: true });
  const all = Array.from({ length: state.last_seq }, (_, index) => index + 1);
  const present = await Promise.all(all.map((seq) => streams.getMessage(COMMANDS_STREAM, { seq })));
  return present.flatMap((message) => (message === null ? [] : [message.seq]));
}

/** Publishes commands; answers their positions. */
async function publish(count: number): Promise<number[]> {
  const positions: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const clientId = newId();
    const body = { type: 'RemoveClient', data: { clientId } } as const;
    const provenance = { source: 'tester', correlationId: 'test' };
    const command = makeCommand(newId(), 'fingerprint', body, provenance, new Date());
    positions.push(await publishText(commandSubjects.client(clientId), JSON.stringify(command)));
  }
  return positions;
}

async function publishText(subject: string, text: string): Promise<number> {
  const stored = await runtime.writer.publish(subject, text);
  if (stored.kind !== 'stored') throw new Error(stored.kind);
  return stored.sequence;
}

/** Takes so many deliveries, which are under way then. */
async function take(count: number): Promise<Work[]> {
  const works: Work[] = [];
  const queue = new WorkQueue(runtime.broker, {
    stream: COMMANDS_STREAM,
    consumer: COMMAND_CONSUMER,
    handle: (work) => works.push(work),
    lost: () => {},
  });
  queue.want(count);
  await eventually(() => works.length === count);
  await queue.close();
  return works;
}

test('deletes a full group without waiting for more, and nothing beside it', async () => {
  const positions = await publish(52);
  const cleanup = open();
  for (const position of positions.slice(0, 51)) cleanup.add({ sequence: position, text: 'short' });
  await eventually(async () => expect(await left()).toEqual(positions.slice(50)) ?? true);
  await cleanup.stop();
  expect(await left()).toEqual(positions.slice(51));
});

test('deletes bulky commands at once', async () => {
  const [position = 0] = await publish(1);
  const cleanup = open();
  cleanup.add({ sequence: position, text: 'x'.repeat(65_536) });
  await eventually(async () => (await left()).length === 0);
  await cleanup.stop();
});

test('deletes a group that does not become full after its time', async () => {
  const cleanup = open(1);
  for (const position of await publish(2)) cleanup.add({ sequence: position, text: 'short' });
  await eventually(async () => (await left()).length === 0);
  await cleanup.stop();
});

test('a stop deletes what waits before it is over', async () => {
  const cleanup = open();
  for (const position of await publish(3)) cleanup.add({ sequence: position, text: 'short' });
  await cleanup.stop();
  expect(await left()).toEqual([]);
});

test('a start removes what a crash has left behind its acknowledgement, and no more', async () => {
  const carriedOut = await publish(2);
  const note = await publishText(commandSubjects.accepted(newId()), '{"kind":"command"}');
  const unreadable = await publishText(commandSubjects.client(newId()), 'no command');
  const [underWay = 0, behindIt = 0, waiting = 0] = await publish(3);
  const works = await take(5);
  for (const work of works) if (work.sequence !== underWay) await work.done();
  expect(await left()).toEqual([...carriedOut, note, unreadable, underWay, behindIt, waiting]);

  const cleanup = open();
  cleanup.start();
  await eventually(async () => (await left())[0] === note);
  await cleanup.stop();
  expect(await left()).toEqual([note, unreadable, underWay, behindIt, waiting]);

  // The delivery under way is neither forgotten nor delivered twice.
  await works.find((work) => work.sequence === underWay)?.done();
  const next = open();
  await next.sweep();
  expect(await left()).toEqual([note, unreadable, waiting]);
  expect((await take(1)).map((work) => work.sequence)).toEqual([waiting]);
});

test('two that sweep at the same time remove everything', async () => {
  await publish(60);
  for (const work of await take(60)) await work.done();
  await Promise.all([open().sweep(), open().sweep()]);
  expect(await left()).toEqual([]);
});

test('what a stop without a connection leaves is removed by the next sweep', async () => {
  const [position = 0] = await publish(1);
  for (const work of await take(1)) await work.done();
  const other = await createRuntime({ service: 'tester', natsUrl: nats.url, logLevel: 'silent' });
  const cleanup = open(3_600_000, other);
  cleanup.add({ sequence: position, text: 'short' });
  await other.stop();
  await eventually(() => !other.broker.isConnected());
  await cleanup.stop();
  expect(await left()).toEqual([position]);
  await open().sweep();
  expect(await left()).toEqual([]);
});

test('what is acknowledged and was never carried out stays', async () => {
  const [carriedOut = 0, givenUp = 0] = await publish(2);
  for (const work of await take(2)) {
    await work.done();
    if (work.sequence === givenUp) withoutResult.add(parseCommand(work.text).id);
  }
  await open().sweep();
  expect(await left()).toEqual([givenUp]);
  expect(carriedOut).toBeLessThan(givenUp);
});

test('a stop waits no longer than a second for a broker that is silent', async () => {
  const [position = 0] = await publish(1);
  const cleanup = open();
  cleanup.add({ sequence: position, text: 'short' });
  await nats.freeze();
  const startedAt = performance.now();
  await cleanup.stop();
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  await nats.thaw();
});
