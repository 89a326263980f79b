import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Snapshot } from './snapshot.ts';
import { Topic } from './topic.ts';
import { TopicReader } from './topic-reader.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const NOW = () => Date.now();

function bed(read: (mailingId: string) => Promise<Snapshot | null>) {
  const failures: string[] = [];
  const news: string[] = [];
  const reader = new TopicReader({
    read,
    readsPerSecond: 50,
    betweenMs: 100,
    lookMs: 5_000,
    onNews: ({ mailingId }) => news.push(mailingId),
    onFailure: (mailingId) => failures.push(mailingId),
    now: NOW,
  });
  return { reader, failures, news };
}

const snapshot = (id: string): Snapshot => ({
  id,
  event: Buffer.from(id),
  status: 'running',
  isOver: false,
});
const topics = (count: number): Topic[] =>
  Array.from({ length: count }, (_, index) => {
    const topic = new Topic(`mailing-${index}`);
    topic.attending = 1;
    return topic;
  });

test('however many mailings change, so many are read in a second, each in its turn', async () => {
  const read: string[] = [];
  const { reader } = bed(async (mailingId) => {
    read.push(mailingId);
    return snapshot(String(read.length));
  });
  const all = topics(200);
  for (let round = 0; round < 10; round += 1) {
    for (const topic of all) reader.add(topic);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(read).toEqual(all.slice(0, 50).map(({ mailingId }) => mailingId));
  reader.stop();
});

test('one mailing is read ten times a second, and once more when it has changed while it was read', async () => {
  let reads = 0;
  const { reader, news } = bed(async () => {
    reads += 1;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return snapshot(String(reads));
  });
  const [topic] = topics(1);
  if (topic === undefined) throw new Error('no topic');
  for (let ms = 0; ms < 1_000; ms += 10) {
    reader.add(topic);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(reads).toBeGreaterThanOrEqual(8);
  expect(reads).toBeLessThanOrEqual(10);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reads).toBeLessThanOrEqual(11);
  expect(news).toHaveLength(reads);
});

test('who does not answer is asked four times at once at the most, and again after a second', async () => {
  let asked = 0;
  const { reader, failures } = bed(async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    throw new Error('away');
  });
  for (const topic of topics(20)) reader.add(topic);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toBe(4);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(failures).toHaveLength(4);
  expect(asked).toBe(8);
  reader.stop();
});

test('a mailing that seems to have vanished keeps what was known of it', async () => {
  const answers: (Snapshot | null)[] = [snapshot('a'), null];
  const { reader, news } = bed(async () => answers.shift() ?? null);
  const [topic] = topics(1);
  if (topic === undefined) throw new Error('no topic');
  await reader.read(topic);
  await reader.read(topic);
  expect(topic.snapshot?.id).toBe('a');
  expect(news).toEqual(['mailing-0']);
});
