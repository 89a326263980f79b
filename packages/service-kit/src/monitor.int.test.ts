import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askInstances } from './monitor.ts';
import { createRuntime, type Runtime } from './runtime.ts';

let nats: TestNats;
let runtimes: Runtime[];
beforeAll(async () => {
  nats = await startTestNats();
  runtimes = await Promise.all(
    ['a', 'b'].map((instance) =>
      createRuntime({ service: 'some', instance, natsUrl: nats.url, logLevel: 'silent' }),
    ),
  );
});
afterAll(async () => {
  for (const runtime of runtimes) await runtime.stop();
  await nats.stop();
});

test('an instance that cannot describe itself, and one of another release, hide nobody', async () => {
  const [a, b] = runtimes;
  a?.describe(() => {
    throw new Error('broken');
  });
  b?.describe(() => ({ fine: true }));
  b?.broker.connection.subscribe('monitor.ping', {
    callback: (_error, message) => {
      message.respond('{"release":"next"}');
    },
  });
  for (const runtime of runtimes) await runtime.broker.connection.flush();
  const reports = b === undefined ? [] : await askInstances(b.broker);
  expect(reports).toMatchObject([
    { instance: 'a', details: { error: 'Error: broken' } },
    { instance: 'b', details: { fine: true } },
  ]);
});

test('an instance whose part hangs is shown as not ready, and one that is only slow with its own words', async () => {
  const [a, b] = runtimes;
  const hanging = Promise.withResolvers<true>();
  a?.health.add('database', () => hanging.promise);
  b?.describe(async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return { slow: true };
  });
  expect(b === undefined ? [] : await askInstances(b.broker)).toMatchObject([
    {
      service: 'some',
      instance: 'a',
      ready: false,
      problems: { report: expect.stringContaining('no answer') },
    },
    { service: 'some', instance: 'b', ready: true, problems: {}, details: { slow: true } },
  ]);
  hanging.resolve(true);
});
