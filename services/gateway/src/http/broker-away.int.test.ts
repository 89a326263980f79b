import { newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { carryOutAll } from '../../test/entities.ts';
import { useGateway } from '../../test/use-gateway.ts';

const CLIENT = { phone: '79161234567', timezone: 'UTC' };

const harness = useGateway({ COMMAND_WAIT_MS: 2_000, QUERY_WAIT_MS: 500 });

const readiness = async () => {
  const response = await fetch(`${harness.url}/readyz`);
  return { status: response.status, body: await response.json() };
};

test('without the broker everything that needs it is 503, nothing is accepted, and it comes back by itself', async () => {
  harness.mailing.play = carryOutAll;
  expect((await readiness()).status).toBe(200);
  await harness.nats.kill();
  await eventually(() => !harness.gateway.broker.isConnected(), { message: 'the loss is noticed' });

  expect(await readiness()).toMatchObject({ status: 503, body: { status: 'not-ready' } });
  expect((await fetch(`${harness.url}/healthz`)).status).toBe(200);
  const id = newId();
  const calls: Array<[string, string, unknown?]> = [
    ['POST', '/clients', CLIENT],
    ['PATCH', `/clients/${id}`, { tag: 'a' }],
    ['GET', `/clients/${id}`],
    ['GET', '/clients'],
    ['GET', `/clients/${id}/messages`],
    ['GET', `/mailings/${id}`],
    ['GET', '/stats'],
    ['GET', `/commands/${id}`],
    ['GET', `/imports/${id}`],
    ['GET', `/imports/${id}/rejected`],
    ['GET', '/monitor'],
  ];
  for (const [method, path, body] of calls) {
    const answer = await harness.call(method, path, body);
    expect(answer, `${method} ${path}`).toMatchObject({ status: 503, body: { code: 'broker-unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  }
  const keyed = await harness.call('POST', '/clients', CLIENT, { 'Idempotency-Key': 'k' });
  expect(keyed.body.code).toBe('broker-unavailable');
  const imported = await harness.call('POST', '/clients/import', 'phone,timezone\n', {
    'Content-Type': 'text/csv',
  });
  expect(imported).toMatchObject({ status: 503, body: { code: 'broker-unavailable' } });

  await harness.nats.restart();
  await eventually(async () => (await readiness()).status === 200, { message: 'it is ready again' });
  const info = await harness.gateway.broker.manager.streams.info('COMMANDS');
  expect(info.state.messages).toBe(0);
});

test('a write whose answer is lost with the broker is never called refused, and is there when it is back', async () => {
  harness.mailing.play = () => null;
  const before = (await harness.gateway.broker.manager.streams.info('COMMANDS')).state.messages;
  const writing = harness.call('POST', '/clients', CLIENT);
  await eventually(
    async () => (await harness.others.broker.manager.streams.info('COMMANDS')).state.messages > before,
    { message: 'the command is in the stream' },
  );
  await harness.nats.kill();
  const answer = await writing;
  // The broker may have died before it could acknowledge what it had stored.
  expect([202, 503]).toContain(answer.status);
  if (answer.status === 202) expect(answer.body.status).toBe('accepted');
  else expect(answer.body.code).toBe('acceptance-unknown');
  const id = answer.headers.get('location')?.split('/').at(-1);
  await harness.nats.restart();
  const asked = await eventually(
    async () => {
      const state = await harness.call('GET', `/commands/${id}`);
      return state.status === 200 && state;
    },
    { message: 'the note of the command is there' },
  );
  expect(asked.body).toEqual({ id, status: 'accepted' });
});
