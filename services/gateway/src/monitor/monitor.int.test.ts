import { RESUME_PROVIDER_SUBJECT } from '@herald/contracts';
import { expect, test } from 'vitest';
import { useGateway } from '../../test/use-gateway.ts';

const harness = useGateway({ QUERY_WAIT_MS: 500 });

test('the monitor shows every instance', async () => {
  harness.others.describe(() => ({ commandBacklog: 4, openMailings: [] }));
  const { status, body } = await harness.call('GET', '/monitor');
  expect(status).toBe(200);
  expect(Object.keys(body.services).sort()).toEqual(['gateway', 'mailing']);
  expect(body).toMatchObject({ commandBacklog: 4, openMailings: [], lanes: [], provider: { breaker: null } });
});

test('the pause of the provider is ended in every sender that hears it', async () => {
  const nobody = await harness.call('POST', '/admin/provider/resume');
  expect(nobody).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
  const subscriptions = ['b', 'a'].map((instance) =>
    harness.others.broker.connection.subscribe(RESUME_PROVIDER_SUBJECT, {
      callback: (_error, message) => {
        message.respond(JSON.stringify({ instance, wasPaused: instance === 'a' }));
      },
    }),
  );
  await harness.others.broker.connection.flush();
  const { status, body } = await harness.call('POST', '/admin/provider/resume');
  expect([status, body]).toEqual([
    200,
    {
      senders: [
        { instance: 'a', wasPaused: true },
        { instance: 'b', wasPaused: false },
      ],
    },
  ]);
  for (const subscription of subscriptions) subscription.unsubscribe();
});
