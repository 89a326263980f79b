import { COMMANDS_STREAM } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useGateway } from '../../test/use-gateway.ts';

const CLIENT = { phone: '79161234567', timezone: 'UTC' };

const harness = useGateway({ COMMAND_WAIT_MS: 1_000 });

const readiness = async () => {
  const response = await fetch(`${harness.url}/readyz`);
  const body = (await response.json()) as { readonly problems: object };
  return { status: response.status, body };
};

test('who cannot get a write acknowledged is not ready, although the streams answer, until a write of its own is', async () => {
  const { streams } = harness.others.broker.manager;
  await streams.update(COMMANDS_STREAM, { no_ack: true });
  try {
    expect((await readiness()).status).toBe(200);
    expect(await harness.call('POST', '/clients', CLIENT)).toMatchObject({ status: 503 });
    await eventually(async () => (await readiness()).status === 503, { message: 'it is not ready' });
    const [still, again] = await Promise.all([readiness(), readiness()]);
    expect(still).toEqual(again);
    expect(still.body.problems).toEqual({
      streams: 'COMMANDS does not acknowledge within 2000 ms',
    });
  } finally {
    await streams.update(COMMANDS_STREAM, { no_ack: false });
  }
  await eventually(async () => (await readiness()).status === 200, { message: 'it is ready again' });
});
