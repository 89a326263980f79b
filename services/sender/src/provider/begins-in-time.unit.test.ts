import { expect, test } from 'vitest';
import { OK, REQUEST, useScriptedProvider, withBody } from '../../test/provider/scripted-provider.ts';
import { CallAbort } from './call-abort.ts';
import { Provider } from './provider.ts';

const scripted = useScriptedProvider();

test('a call whose last moment to begin has passed is not sent, however much time is left until the end', async () => {
  let calls = 0;
  await scripted.listen((socket) =>
    socket.on('data', () => {
      calls += 1;
      socket.write(withBody('200 OK', OK));
    }),
  );
  const provider = new Provider({
    url: scripted.url,
    token: 'a-token',
    timeoutMs: 5_000,
    longestPauseMs: 60_000,
    connections: 1,
    breaker: { resetTimeoutMs: 1_000, volumeThreshold: 5 },
    tokenProbeMs: 1_000,
    clocksDifferMs: 100,
    mayCall: () => true,
    onBreaker: () => {},
    onToken: () => {},
    now: Date.now,
    random: () => 0.5,
  });
  try {
    const send = (beginByMs: number) =>
      provider.send(REQUEST, null, new CallAbort(), { beginByMs, endAtMs: Date.now() + 60_000 });
    expect(await send(Date.now() + 30_000)).toMatchObject({ kind: 'sent' });
    expect(await send(Date.now() - 1)).toEqual({ kind: 'unsent' });
    expect(calls).toBe(1);
  } finally {
    await provider.close();
  }
});
