import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { EVENTS_STREAM, newId } from '@herald/contracts';
import { eventually, startProxy } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freshSubject, type LogFixture, startLog } from '../test/log-fixture.ts';
import { connectBroker } from './connection.ts';
import { ensureDurable } from './durable.ts';
import type { Work } from './work.ts';
import { WorkQueue } from './work-queue.ts';

const ACK_WAIT_MS = 1_000;
const LONG_ACK_WAIT_MS = 60_000;

let log: LogFixture;
const queues: WorkQueue[] = [];
beforeAll(async () => {
  log = await startLog();
});
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close()));
});
afterAll(() => log.stop());

interface Workplace {
  readonly subject: string;
  readonly consumer: string;
  /** Opens a queue on the consumer that all share. */
  open(): { queue: WorkQueue; works: Work[]; lost: string[] };
}

/** A shared consumer of some messages of its own. */
async function workplace(messages: number, ackWaitMs = ACK_WAIT_MS): Promise<Workplace> {
  const subject = freshSubject();
  const consumer = `test-${newId()}`;
  for (let number = 0; number < messages; number += 1) await log.writer.publish(subject, String(number));
  await ensureDurable(log.broker, {
    stream: EVENTS_STREAM,
    name: consumer,
    filter: subject,
    startSequence: 1,
    ackWaitMs,
    maxAckPending: 1_000,
  });
  return {
    subject,
    consumer,
    open: () => {
      const works: Work[] = [];
      const lost: string[] = [];
      const queue = new WorkQueue(log.broker, {
        stream: EVENTS_STREAM,
        consumer,
        handle: (work) => works.push(work),
        lost: (reason) => lost.push(reason),
      });
      queues.push(queue);
      return { queue, works, lost };
    },
  };
}

const texts = (works: readonly Work[]): string[] => works.map(({ text }) => text);

test('no more comes than was wanted, and the rest when more is wanted', async () => {
  const { queue, works } = (await workplace(5)).open();
  await setTimeout(100);
  expect(works).toStrictEqual([]);
  queue.want(2);
  await eventually(() => works.length === 2);
  await setTimeout(100);
  expect(texts(works)).toStrictEqual(['0', '1']);
  expect(queue.outstanding).toBe(0);
  queue.want(3);
  await eventually(() => works.length === 5);
  for (const work of works) await work.done();
});

test('wanting the same again asks for nothing twice', async () => {
  const { queue, works } = (await workplace(5)).open();
  queue.want(2);
  queue.want(2);
  await eventually(() => works.length === 2);
  await setTimeout(100);
  expect(works).toHaveLength(2);
});

test('two queues share the work, and nothing comes to both', async () => {
  const place = await workplace(6);
  const [one, two] = [place.open(), place.open()];
  one.queue.want(3);
  two.queue.want(3);
  await eventually(() => one.works.length === 3 && two.works.length === 3);
  expect(texts([...one.works, ...two.works]).toSorted()).toStrictEqual(['0', '1', '2', '3', '4', '5']);
});

test('what is done does not come again, and what nobody finished does after its time', async () => {
  const { queue, works } = (await workplace(2)).open();
  queue.want(2);
  await eventually(() => works.length === 2);
  await works[0]?.done();
  queue.want(2);
  await eventually(() => works.length >= 4);
  expect(texts(works).slice(0, 4)).toStrictEqual(['0', '1', '1', '1']);
});

test('what is given back comes again after the delay, not before and not at the end of its time', async () => {
  const { queue, works } = (await workplace(1, LONG_ACK_WAIT_MS)).open();
  queue.want(2);
  await eventually(() => works.length === 1);
  const givenBack = performance.now();
  works[0]?.giveBack(300);
  await eventually(() => works.length === 2);
  const waited = performance.now() - givenBack;
  expect(waited).toBeGreaterThan(250);
  await works[1]?.done();
});

test('what is given back, or done, over a broken connection is said again when it stands', async () => {
  const place = await workplace(2, LONG_ACK_WAIT_MS);
  const proxy = await startProxy(log.nats.url);
  const broker = await connectBroker({ url: proxy.url, name: 'cut' });
  const works: Work[] = [];
  const handle = (work: Work) => works.push(work);
  const cut = new WorkQueue(broker, {
    stream: EVENTS_STREAM,
    consumer: place.consumer,
    handle,
    lost: () => {},
  });
  try {
    cut.want(2);
    await eventually(() => works.length === 2);
    proxy.mute();
    works[0]?.giveBack(0);
    const done = works[1]?.done();
    proxy.cut();
    const { queue, works: others } = place.open();
    queue.want(2);
    await done;
    await eventually(() => others.length === 1);
    expect(others[0]?.text).toBe('0');
  } finally {
    await cut.close();
    await broker.connection.close();
    await proxy.stop();
  }
});

/** Publishes from a process of its own, and holds this one's event loop meanwhile. */
function publishWhileHeld(subject: string, text: string): void {
  const { hostname, port } = new URL(log.nats.url);
  const lines = ['CONNECT {"verbose":false}', `PUB ${subject} ${text.length}`, text, 'PING', ''].join('\r\n');
  const script = `
    const socket = require('node:net').connect(${port}, '${hostname}', () => socket.write(${JSON.stringify(lines)}));
    socket.on('data', (data) => {
      if (String(data).includes('PONG')) setTimeout(() => process.exit(), 200);
    });`;
  execFileSync(process.execPath, ['-e', script], { timeout: 10_000 });
}

test('what was sent before a queue was closed, and not yet read, is given back at once', async () => {
  const place = await workplace(0, LONG_ACK_WAIT_MS);
  const { queue, works } = place.open();
  queue.want(1);
  await log.broker.connection.flush();
  publishWhileHeld(place.subject, 'late');
  const closed = queue.close();
  const other = place.open();
  other.queue.want(1);
  await closed;
  await eventually(() => other.works.length === 1);
  expect([texts(other.works), works]).toEqual([['late'], []]);
});

test('what is given back after its queue was closed, or comes due then, goes to the next one and does not rest', async () => {
  const place = await workplace(2, LONG_ACK_WAIT_MS);
  // Behind it a server that steps back by one finds nothing.
  await log.writer.publish(freshSubject(), 'of somebody else');
  const { queue, works } = place.open();
  // One request stands after these two have come.
  queue.want(3);
  await eventually(() => works.length === 2);
  works[0]?.giveBack(200);
  await queue.close();
  works[1]?.giveBack(0);
  // Nobody asks while they come due.
  await setTimeout(400);
  const next = place.open();
  next.queue.want(2);
  await eventually(() => next.works.length === 2);
  expect(texts(next.works).toSorted()).toStrictEqual(['0', '1']);
});

test('what is renewed stays with its holder for as long as it is', async () => {
  const { queue, works } = (await workplace(1)).open();
  queue.want(2);
  await eventually(() => works.length === 1);
  for (let round = 0; round < 6; round += 1) {
    await setTimeout(ACK_WAIT_MS / 3);
    await works[0]?.renew(1_000);
  }
  expect(works).toHaveLength(1);
  await eventually(() => works.length === 2);
  await works[1]?.done();
});

test('what is terminated does not come again', async () => {
  const { queue, works } = (await workplace(1)).open();
  queue.want(2);
  await eventually(() => works.length === 1);
  works[0]?.terminate();
  await setTimeout(ACK_WAIT_MS * 1.5);
  expect(works).toHaveLength(1);
});

test('a consumer that is deleted is said to be lost', async () => {
  const place = await workplace(0);
  const { queue, lost } = place.open();
  queue.want(1);
  await log.broker.connection.flush();
  await log.broker.manager.consumers.delete(EVENTS_STREAM, place.consumer);
  await eventually(() => lost.length === 1);
});

test('a shared consumer can be made by many at once, and again later', async () => {
  const place = await workplace(1);
  const options = {
    stream: EVENTS_STREAM,
    name: place.consumer,
    filter: freshSubject(),
    startSequence: 1,
    ackWaitMs: 2 * ACK_WAIT_MS,
    maxAckPending: 5,
  };
  await ensureDurable(log.broker, options);
  const name = `test-${newId()}`;
  await Promise.all(Array.from({ length: 5 }, () => ensureDurable(log.broker, { ...options, name })));
});
