import type { FullStream } from '@herald/event-log';
import { expect, test } from 'vitest';
import { Health } from './health.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { watchLog } from './watch-log.ts';

function watched() {
  const full: FullStream[] = [];
  const writer = { oldestMs: 0 };
  const health = new Health();
  const log = createLogger('mailing', 'mailing-1', 'silent');
  watchLog({
    broker: { fullStreams: { list: () => full, onChange: () => {} } },
    writer,
    log,
    metrics: createMetrics('mailing', 'mailing-1'),
    health,
  });
  return { full, writer, health };
}

test('a publish that nobody acknowledges is a problem from 5 s on, and none when it is acknowledged', async () => {
  const { writer, health } = watched();
  writer.oldestMs = 4_999;
  expect(await health.problems()).toEqual({});
  writer.oldestMs = 12_300;
  expect(await health.problems()).toEqual({ log: 'a publish has not been acknowledged for 12 s' });
  writer.oldestMs = 0;
  expect(await health.problems()).toEqual({});
});

test('where the log is full, that is the problem, however long publishes wait for room', async () => {
  const { full, writer, health } = watched();
  writer.oldestMs = 60_000;
  full.push({ stream: 'EVENTS', reason: 'maximum bytes exceeded' });
  expect(await health.problems()).toEqual({ log: 'EVENTS is full: maximum bytes exceeded' });
});
