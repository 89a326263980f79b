import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ActiveBehaviour } from '../behaviour/active-behaviour.ts';
import { healthyBehaviour } from '../behaviour/behaviour-schema.ts';
import { Listener } from '../http/listener.ts';
import { InFlight } from '../send/in-flight.ts';
import { BehaviourControl } from './behaviour-control.ts';

it('says so when the port has been taken during an outage, and ends it when the port is free again', async () => {
  const sendListener = new Listener('127.0.0.1', 0);
  await sendListener.open();
  const { port } = sendListener;
  const control = new BehaviourControl({
    behaviour: new ActiveBehaviour(),
    inFlight: new InFlight(),
    sendListener,
    reopenWithinMs: 250,
  });
  const nobody = new Socket();
  expect(await control.apply({ ...healthyBehaviour, outage: 'refuse' }, nobody)).toBe('applied');

  const thief = createServer().listen(port, '127.0.0.1');
  await once(thief, 'listening');
  expect(await control.apply(healthyBehaviour, nobody)).toBe('port-taken');
  expect(control.current.outage).toBe('refuse');
  expect(sendListener.isOpen).toBe(false);

  thief.close();
  await once(thief, 'close');
  expect(await control.apply(healthyBehaviour, nobody)).toBe('applied');
  expect(control.current).toEqual(healthyBehaviour);
  expect([sendListener.isOpen, sendListener.port]).toEqual([true, port]);
  sendListener.stopListening();
});
