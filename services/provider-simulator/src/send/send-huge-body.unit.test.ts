import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { bindToFreePort } from '../http/bind-to-free-port.ts';
import { sendHugeBody } from './send-huge-body.ts';

it('makes a huge body no faster than the client reads it', async () => {
  const server = createServer();
  await bindToFreePort(server, '127.0.0.1', 0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect(port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: simulator\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];

  sendHugeBody(response, 1_000_000_000);
  await sleep(150);
  expect(response.writableLength).toBeGreaterThan(0);
  expect(response.writableLength).toBeLessThan(1_000_000);

  client.destroy();
  await once(response, 'close');
  expect(response.writableFinished).toBe(false);
  server.close();
});
