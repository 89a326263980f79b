import type { World } from './world.ts';

/** A lease is lost by then, and a claim is somebody else's: longer than any of both. */
const VERY_LONG_MS = 45_000;

/** At least three accidents while there is work to do, often at the same time. */
export function planFaults(world: World): void {
  const { random, schedule } = world;
  const gapMs = world.slowestCallMs / 2;
  const strike = (left: number): void => {
    if (world.broker.isThrough || schedule.now > world.endAtMs) return;
    // What ends the work comes last.
    const fault = random.pick(left > 1 ? ACCIDENTS : [...ACCIDENTS, remove, endEarlier]);
    const lastsMs = random.chance(0.3) ? random.between(15_000, VERY_LONG_MS) : random.between(10, 4_000);
    world.faults += 1;
    world.quietFrom = Math.max(world.quietFrom, schedule.now + lastsMs);
    fault(world, lastsMs);
    if (left > 1) schedule.after(random.between(0, 2 * gapMs), () => strike(left - 1));
  };
  schedule.after(random.between(20, 400), () => strike(random.between(3, 8)));
}

type Fault = (world: World, lastsMs: number) => void;

const crash: Fault = (world, lastsMs) => {
  const { random, schedule } = world;
  const sender = random.pick(world.senders);
  world.trouble(sender.number, schedule.now, schedule.now);
  sender.crash(Math.min(lastsMs, 5_000));
};

const freeze: Fault = (world, lastsMs) => {
  const { random, schedule } = world;
  const sender = random.pick(world.senders);
  if (sender.link.isFrozen) return;
  sender.link.freeze();
  world.trouble(sender.number, schedule.now, schedule.now + lastsMs);
  schedule.after(lastsMs, () => sender.link.thaw());
};

const cut: Fault = (world, lastsMs) => {
  const { random, schedule } = world;
  const sender = random.pick(world.senders);
  if (!sender.link.isUp) return;
  sender.cut(random.chance(0.5));
  world.trouble(sender.number, schedule.now, schedule.now + lastsMs);
  schedule.after(lastsMs, () => sender.heal());
};

/** The broker is gone for everybody, and may have forgotten its consumer when it is back. */
const brokerRestart: Fault = (world, lastsMs) => {
  const { random, schedule } = world;
  const cutOff = world.senders.filter((sender) => sender.link.isUp);
  for (const sender of cutOff) {
    sender.cut(true);
    world.trouble(sender.number, schedule.now, schedule.now + lastsMs);
  }
  schedule.after(lastsMs, () => {
    if (random.chance(0.5)) world.broker.forget();
    for (const sender of cutOff) sender.heal();
  });
};

const forget: Fault = (world) => world.broker.forget();

const redeliverEarly: Fault = (world) => {
  for (const [batch, slot] of world.broker.slots.entries()) {
    if (!slot.acknowledged && world.random.chance(0.5)) world.broker.redeliverEarly(batch);
  }
};

const outage: Fault = (world, lastsMs) => {
  world.provider.outage = true;
  world.schedule.after(lastsMs, () => {
    world.provider.outage = false;
  });
};

const breaker: Fault = (world, lastsMs) => {
  const sender = world.random.pick(world.senders);
  sender.admit(0);
  world.schedule.after(lastsMs, () => sender.admit(Number.POSITIVE_INFINITY));
};

/** No accident at all: nothing may come of it but a short rest. */
const rollingRestart: Fault = (world) => {
  for (const [index, sender] of world.senders.entries()) {
    world.schedule.after(index * 6_000, () => sender.restart(500));
  }
};

const pause: Fault = (world, lastsMs) => {
  world.mailing.change({ status: 'paused' });
  world.schedule.after(lastsMs, () => {
    if (world.mailing.current?.mailing.status === 'paused') world.mailing.change({ status: 'running' });
  });
};

const remove: Fault = (world) => world.mailing.change({ status: 'deleted' });

const endEarlier: Fault = (world) => {
  const { now } = world.schedule;
  const endAt = new Date(now + world.random.between(200, 10_000)).toISOString();
  world.mailing.change({ endAt });
};

const changeWindow: Fault = (world) => {
  const windows = [null, { from: '00:00', to: '12:00' }, { from: '12:00', to: '24:00' }];
  world.mailing.change({ localWindow: world.random.pick(windows) });
};

const removeClients: Fault = (world) => {
  for (const { queued } of world.broker.slots) {
    for (const id of queued.clientIds) {
      if (world.random.chance(0.2)) world.removedAt.set(id, world.schedule.now);
    }
  }
};

const ACCIDENTS: readonly Fault[] = [
  ...[crash, crash, freeze, freeze, cut, cut, brokerRestart, forget, redeliverEarly, redeliverEarly],
  ...[outage, breaker, rollingRestart, pause, changeWindow, removeClients],
];
