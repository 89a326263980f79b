import { connect } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { startTestNats } from './nats.ts';
import type { TestNats } from './test-nats.ts';

let nats: TestNats;
beforeAll(async () => {
  nats = await startTestNats();
});
afterAll(() => nats.stop());

async function requestJetStream(subject: string, body: object): Promise<unknown> {
  const connection = await connect({ servers: nats.url });
  try {
    const answer = await connection.request(`$JS.API.${subject}`, JSON.stringify(body));
    return answer.json();
  } finally {
    await connection.close();
  }
}

test('a broker that was killed comes back with its streams at the same address', async () => {
  const created = await requestJetStream('STREAM.CREATE.KEPT', {
    name: 'KEPT',
    subjects: ['kept.>'],
    storage: 'file',
  });
  expect(created).not.toHaveProperty('error');
  const { url } = nats;

  await nats.kill();
  await expect(connect({ servers: url, reconnect: false, timeout: 500 })).rejects.toThrow();
  await nats.restart();

  expect(nats.url).toBe(url);
  await eventually(async () => {
    expect(await requestJetStream('STREAM.INFO.KEPT', {})).toMatchObject({ config: { name: 'KEPT' } });
    return true;
  });
});
