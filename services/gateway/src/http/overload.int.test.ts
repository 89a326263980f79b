import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@herald/testkit';
import { beforeEach, expect, test } from 'vitest';
import { carryOutAll } from '../../test/entities.ts';
import { sayRaw } from '../../test/say-raw.ts';
import { useGateway } from '../../test/use-gateway.ts';

const CLIENT = { phone: '79161234567', timezone: 'UTC' };
const CSV = { 'Content-Type': 'text/csv' };

const harness = useGateway(
  { COMMAND_WAIT_MS: 20_000, BODY_LIMIT_BYTES: 1_024 },
  {
    requests: 3,
    imports: 1,
    bodyBytes: 1_500,
    bodyMs: 1_500,
    connections: 20,
  },
);
beforeEach(() => {
  harness.mailing.play = carryOutAll;
  harness.mailing.received.length = 0;
});

/** Lets writes wait until the returned function is called. */
function holdWrites(): () => void {
  const held: Array<() => void> = [];
  harness.mailing.play = (command) => {
    held.push(() => harness.mailing.announce(command, carryOutAll(command)));
    return null;
  };
  return () => {
    harness.mailing.play = carryOutAll;
    for (const release of held) release();
  };
}

const isRefused = (answer: { status: number; headers: Headers; body: unknown }): void => {
  expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
};

test('more requests than are answered at once are told to come again, and health is told all the same', async () => {
  const release = holdWrites();
  const writing = [1, 2, 3].map(() => harness.call('POST', '/clients', CLIENT));
  await eventually(() => harness.mailing.received.length === 3, { message: 'three writes wait' });
  isRefused(await harness.call('GET', '/monitor'));
  isRefused(await harness.call('POST', '/clients/import', 'phone,timezone\n', CSV));
  for (const path of ['/healthz', '/readyz', '/metrics?x=1'])
    expect((await fetch(`${harness.url}${path}`)).status, path).toBe(200);
  expect(await (await fetch(`${harness.url}/metrics`)).text()).toMatch(
    /herald_http_refused_total\{.*code="overloaded".*\} 2/,
  );
  release();
  for (const answer of await Promise.all(writing)) expect(answer.status).toBe(201);
  expect((await harness.call('GET', '/monitor')).status).toBe(200);
});

test('bodies that are too many bytes together are told to come again', async () => {
  const release = holdWrites();
  const padded = { ...CLIENT, tag: 'x'.repeat(90) };
  const body = `${JSON.stringify(padded)}${' '.repeat(800)}`;
  const json = { 'Content-Type': 'application/json' };
  const writing = harness.call('POST', '/clients', body, json);
  await eventually(() => harness.mailing.received.length === 1, { message: 'a write waits' });
  isRefused(await harness.call('POST', '/clients', body, json));
  release();
  expect((await writing).status).toBe(201);
  expect((await harness.call('POST', '/clients', body, json)).status).toBe(201);
});

test('a small body that does not say its size counts for no more than it has once it was read', async () => {
  const release = holdWrites();
  const headers = { 'Content-Type': 'application/json' };
  const post = () => {
    const body = new Blob([JSON.stringify(CLIENT)]).stream();
    return fetch(`${harness.url}/api/v1/clients`, { method: 'POST', headers, body, duplex: 'half' });
  };
  const first = post();
  await eventually(() => harness.mailing.received.length === 1, { message: 'a write waits' });
  const second = post();
  await eventually(() => harness.mailing.received.length === 2, { message: 'another write waits' });
  release();
  expect((await first).status).toBe(201);
  expect((await second).status).toBe(201);
});

test('one import too many is told to come again, and the others go on', async () => {
  const release = holdWrites();
  const importing = harness.call('POST', '/clients/import', 'phone,timezone\n79161234567,UTC\n', CSV);
  await eventually(() => harness.mailing.received.length === 1, { message: 'an import waits' });
  isRefused(await harness.call('POST', '/clients/import', 'phone,timezone\n', CSV));
  release();
  expect((await importing).body).toMatchObject({ received: 1, registered: 1 });
});

test('connections beyond those that are taken are closed, and others are taken again later', async () => {
  const sockets = Array.from({ length: 25 }, () => connect(harness.port, '127.0.0.1').on('error', () => {}));
  await eventually(async () => (await healthOverNewConnection()) === 'closed', {
    message: 'no more are taken',
  });
  for (const socket of sockets) socket.destroy();
  await eventually(async () => (await healthOverNewConnection()) === 'answered', {
    message: 'they are taken again',
  });
});

/** Health checks of HTTP/1.0 share no connection. */
const healthOverNewConnection = async (): Promise<'answered' | 'closed'> => {
  const answer = await sayRaw(harness.port, 'GET /healthz HTTP/1.0\r\n\r\n').catch(() => '');
  return answer.startsWith('HTTP/1.1 200 ') ? 'answered' : 'closed';
};

test('a refusal reaches a client that sends all of its body before it reads', async () => {
  const pieces = 20;
  const piece = Buffer.alloc(50_000, ' ');
  const head = [
    'POST /api/v1/clients HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${pieces * piece.length}`,
  ];
  const faults: Error[] = [];
  const socket = connect(harness.port, '127.0.0.1').on('error', (error) => faults.push(error));
  try {
    socket.pause();
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    for (let sent = 0; sent < pieces; sent++) {
      // Longer in all than anybody would wait who only meant to be polite.
      await sleep(50);
      await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    }
    let answer = '';
    for await (const data of socket) answer += data;
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('"code":"body-too-large"');
  } finally {
    socket.destroy();
  }
  expect(faults).toEqual([]);
});

test('a JSON body that stands still is answered 408', async () => {
  const head = 'POST /api/v1/clients HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const answered = new Promise<string>((resolve) => {
    const socket = connect(harness.port, '127.0.0.1', () =>
      socket.write(`${head}Content-Length: 100\r\n\r\n{`),
    );
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data));
    });
  });
  expect(await answered).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request-timeout"/);
});
