import { deriveId, newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { carryOutAll } from '../../../test/entities.ts';
import { PlayedImports } from '../../../test/played-imports.ts';
import { useGateway } from '../../../test/use-gateway.ts';

const harness = useGateway({ COMMAND_WAIT_MS: 2_000, QUERY_WAIT_MS: 500 });

test('an import under a new key asks again whose the key is where the directory is behind', async () => {
  harness.mailing.play = carryOutAll;
  harness.mailing.failures = 1;
  const headers = { 'Content-Type': 'text/csv', 'Idempotency-Key': newId() };
  const answer = await harness.call('POST', '/clients/import', 'phone,timezone\n79000000001,UTC\n', headers);
  expect(answer).toMatchObject({ status: 200, body: { registered: 1 } });
  harness.mailing.received.length = 0;
});

test('an import that loses the broker after its first chunk says that it was interrupted, and can be completed', async () => {
  harness.mailing.play = carryOutAll;
  await new PlayedImports(harness).start();
  const key = newId();
  const rows = Array.from({ length: 1_300 }, (_, row) => `79${String(row).padStart(9, '0')},UTC\n`);
  const parts = [`phone,timezone\n${rows.slice(0, 700).join('')}`, rows.slice(700).join('')];
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const upload = writable.getWriter();
  const headers = { 'Content-Type': 'text/csv', 'Idempotency-Key': key };
  const url = `${harness.url}/api/v1/clients/import`;
  const importing = fetch(url, { method: 'POST', headers, body: readable, duplex: 'half' });
  await upload.write(Buffer.from(parts[0] ?? ''));
  await eventually(() => harness.mailing.received.length === 1, { message: 'a chunk is carried out' });
  await harness.nats.kill();
  await eventually(() => !harness.gateway.broker.isConnected(), { message: 'the loss is noticed' });
  await upload.write(Buffer.from(parts[1] ?? ''));
  await upload.close();
  const answer = await importing;
  const importId = deriveId('command', key);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('location')).toBe(`/api/v1/commands/${importId}`);
  expect(await answer.json()).toMatchObject({ code: 'import-interrupted', importId });

  await harness.nats.restart();
  await eventually(async () => (await fetch(`${harness.url}/readyz`)).status === 200, {
    message: 'it is ready again',
  });
  const told = async () => (await harness.call('GET', `/imports/${importId}`)).body.state;
  await eventually(async () => (await told()) === 'interrupted', { message: 'it is told as interrupted' });
  const again = await harness.call('POST', '/clients/import', parts.join(''), headers);
  // The played service need not be back.
  expect([200, 202]).toContain(again.status);
});
