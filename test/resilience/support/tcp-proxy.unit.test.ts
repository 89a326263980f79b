import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TcpProxy } from './tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
const sockets: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await TcpProxy.start(`tcp://127.0.0.1:${address.port}`);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.stop();
  echo.close();
});

async function dial(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

it('passes on what both ends say, and puts its port in place of the server’s', async () => {
  const socket = await dial();
  socket.write('hello');
  expect(String((await once(socket, 'data'))[0])).toBe('hello');
  expect(proxy.through('postgres://herald:secret@10.0.0.1:5432/herald')).toBe(
    `postgres://herald:secret@127.0.0.1:${proxy.port}/herald`,
  );
});

it('cuts what stands and refuses what is new, until it passes again', async () => {
  const socket = await dial();
  const closed = once(socket, 'error');
  await proxy.turn('refusing');
  expect(await closed).toMatchObject([{ code: 'ECONNRESET' }]);
  await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.turn('passing');
  const again = await dial();
  again.write('back');
  expect(String((await once(again, 'data'))[0])).toBe('back');
});

it('swallows for a while, on old and new connections, and hands over later what was said', async () => {
  const old = await dial();
  await proxy.turn('swallowing');
  const fresh = await dial();
  const heard: string[] = [];
  for (const socket of [old, fresh]) socket.on('data', (data) => heard.push(String(data)));
  old.write('one');
  fresh.write('two');
  await sleep(200);
  expect(heard).toEqual([]);
  const both = Promise.all([once(old, 'data'), once(fresh, 'data')]);
  await proxy.turn('passing');
  await both;
  expect(heard.sort()).toEqual(['one', 'two']);
});
