import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('the lag of the event loop is told as of the scrape, and not by figures that a timer has to sample', async () => {
  const names = (await createMetrics('mailing', 'mailing-1').getMetricsAsJSON()).map(({ name }) => name);
  const lag = names.filter((name) => name.startsWith('nodejs_eventloop_lag'));
  expect(lag).toEqual(['nodejs_eventloop_lag_seconds']);
});
