import { expect, test } from 'vitest';
import { OK, REQUEST, useScriptedProvider, withBody } from '../../test/provider/scripted-provider.ts';
import { TIMED_OUT } from './call.ts';
import { CallAbort } from './call-abort.ts';

const provider = useScriptedProvider();

test.each([
  ['', '/v1/send/17'],
  ['/', '/v1/send/17'],
  ['/gw?key=abc', '/gw/v1/send/17?key=abc'],
  ['/gw//?key=a%20b&other=ü', '/gw/v1/send/17?key=a%20b&other=%C3%BC'],
  ['?', '/v1/send/17'],
])('path and query of the URL "…%s" are in the call', async (rest, target) => {
  let head = '';
  await provider.listen((socket) => {
    socket.on('data', (bytes) => {
      head += bytes.toString();
      if (head.includes('"Hello"')) socket.end(withBody('200 OK', OK));
    });
  }, rest);
  await provider.call();
  expect(head.split('\r\n')[0]).toBe(`POST ${target} HTTP/1.1`);
});

test('what a provider says beyond its answer is not taken for the next one', async () => {
  let calls = 0;
  const { answer } = await provider.callWith((socket) => {
    calls += 1;
    socket.write(withBody('200 OK', OK) + withBody('200 OK', OK));
    socket.on('data', () => {
      calls += 1;
    });
  });
  expect(answer.kind).toBe('sent');
  const second = await provider.call();
  // Either it never used that connection again, or it does not know: it must not say "sent" without a call.
  expect(second.answer.kind === 'sent' ? calls : 2).toBe(2);
});

test('asks for an answer that is not packed', async () => {
  let head = '';
  await provider.listen((socket) => {
    socket.once('data', (data) => {
      head = data.toString();
      socket.write(withBody('200 OK', OK));
    });
  });
  expect((await provider.call()).answer.kind).toBe('sent');
  expect(head.toLowerCase()).toContain('\r\naccept-encoding: identity\r\n');
});

test('a call whose moment passes while it connects is not made any more', async () => {
  let bytes = 0;
  const client = await provider.listen(
    (socket) => socket.on('data', (data) => (bytes += data.length)),
    '',
    60_000,
  );
  const connected = provider.connected();
  const calling = client.send(REQUEST, {
    beginBy: performance.now() + 20,
    endBy: Number.POSITIVE_INFINITY,
    endReason: TIMED_OUT,
    abort: new CallAbort(),
  });
  // The process stands still, as if it was frozen, and the connection is made meanwhile.
  const until = performance.now() + 50;
  while (performance.now() < until);
  expect(await calling).toMatchObject({ kind: 'broken', nothingSent: true, cutShort: true });
  await connected;
  expect(bytes).toBe(0);
});
