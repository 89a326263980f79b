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

async function keepStream(name: string): Promise<void> {
  const config = { name, subjects: [`${name}.>`], storage: 'file' };
  expect(await requestJetStream(`STREAM.CREATE.${name}`, config)).not.toHaveProperty('error');
}

async function expectStream(name: string): Promise<void> {
  await eventually(async () => {
    expect(await requestJetStream(`STREAM.INFO.${name}`, {})).toMatchObject({ config: { name } });
    return true;
  });
}

test('a broker that was killed comes back with its streams at the same address', async () => {
  await keepStream('KILLED');
  const { url } = nats;

  await nats.kill();
  await nats.kill();
  await expect(connect({ servers: url, reconnect: false, timeout: 500 })).rejects.toThrow();
  await nats.restart();

  expect(nats.url).toBe(url);
  await expectStream('KILLED');
});

test('a broker that runs is restarted with its streams at the same address', async () => {
  await keepStream('RESTARTED');
  const { url } = nats;

  await nats.restart();

  expect(nats.url).toBe(url);
  await expectStream('RESTARTED');
});

test('a broker that was killed can be stopped for good', async () => {
  const other = await startTestNats();
  await other.kill();
  await other.stop();
  await expect(connect({ servers: other.url, reconnect: false, timeout: 500 })).rejects.toThrow();
});
