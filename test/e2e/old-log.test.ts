import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectBroker, ensureTopology, LogWriter } from '@herald/event-log';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { LimitedBroker } from './support/limited-broker.ts';
import { collectAll, type MailingStatistics } from './support/scenario.ts';

const STORE_BYTES = 1_000_000_000;

type Listed = { readonly id: number; readonly status: string };
type Expected = {
  /** A mailing that had sent 40 of its 60 messages when the log ended. */
  readonly half: string;
  readonly ended: ReadonlyArray<{
    readonly statistics: Omit<MailingStatistics, 'asOf'>;
    readonly messages: readonly Listed[];
    readonly history: ReadonlyArray<readonly object[]>;
  }>;
};

const fixture = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, 'fixtures', name), 'utf8');

/** Writes the log of a release in which each outcome was an event of its own, with what its answers were then. */
async function writeOldLog(url: string): Promise<Expected> {
  const broker = await connectBroker({ url, name: 'old-log' });
  const writer = new LogWriter(broker);
  try {
    await ensureTopology(broker, { replicas: 1 });
    for (const line of (await fixture('log-before-groups.jsonl')).trim().split('\n')) {
      const { subject, event } = JSON.parse(line);
      await writer.publish(subject, JSON.stringify(event));
    }
  } finally {
    writer.close();
    await broker.connection.close();
  }
  return JSON.parse(await fixture('log-before-groups.expected.json'));
}

describe('a log from before outcomes were recorded in groups', () => {
  let nats: LimitedBroker;
  let expected: Expected;
  let herald: Herald;

  beforeAll(async () => {
    nats = await LimitedBroker.start(STORE_BYTES);
    expected = await writeOldLog(nats.url);
    herald = await Herald.start({ environment: { NATS_URL: nats.url } });
    // It stands last in the log.
    const isFolded = async () => {
      const { status, body } = await herald.api.call<MailingStatistics>(
        'GET',
        `/mailings/${expected.half}/stats`,
      );
      return status === 200 && body.planned === 60 && body.counts.sent >= 40;
    };
    await eventually(isFolded, { timeoutMs: 30_000, message: 'the old log is folded' });
  });
  afterAll(async () => {
    await herald.stop();
    await nats.stop();
  });

  it('folds to the same statistics, messages and histories', async () => {
    for (const { statistics, messages, history } of expected.ended) {
      const path = `/mailings/${statistics.mailing}`;
      const found = await herald.api.get<MailingStatistics>(`${path}/stats`);
      // What was told by the minute then is told by the second now.
      expect({ ...found, timeline: byMinute(found.timeline) }).toMatchObject(statistics);
      const listed = await collectAll<Listed>(herald, `${path}/messages?limit=1000`);
      expect(listed).toEqual(messages);
      const told = listed.map(async ({ id }) => herald.api.get<{ history: object[] }>(`/messages/${id}`));
      // As it was then, and more by now: where each entry stands.
      expect((await Promise.all(told)).map((message) => message.history)).toMatchObject(history);
    }
  });

  it('is gone on with: a mailing that is half sent is finished, and nobody gets his message twice', async () => {
    const path = `/mailings/${expected.half}`;
    const finished = await eventually(
      async () => {
        const statistics = await herald.api.get<MailingStatistics>(`${path}/stats`);
        return statistics.counts.queued === 0 && statistics.status === 'completed' && statistics;
      },
      { timeoutMs: 60_000, message: 'the mailing is finished' },
    );
    expect(finished).toMatchObject({ planned: 60, counts: { sent: 60 } });
    const journal = await herald.provider.journal();
    expect(journal).toHaveLength(20);
    expect(new Set(journal.map(({ messageId }) => messageId)).size).toBe(20);
  });
});

type Timeline = MailingStatistics['timeline'];

function byMinute(timeline: Timeline): Timeline {
  const minutes = new Map<string, Timeline[number]>();
  for (const { at, ...counts } of timeline) {
    const minute = `${at.slice(0, 16)}:00.000Z`;
    const sum = minutes.get(minute);
    const added = Object.entries(counts).map(([status, count]) => [
      status,
      count + Number(Object(sum)[status] ?? 0),
    ]);
    minutes.set(minute, { ...Object.fromEntries(added), at: minute });
  }
  return [...minutes.values()];
}
