import { coordinationSubjects, newId } from '@herald/contracts';
import { openCoordination, type RecordStore } from '@herald/event-log';
import { createRuntime, type Runtime } from '@herald/service-kit';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BrokerClock } from '../clock/broker-clock.ts';
import { askLogTime } from '../clock/log-time.ts';
import { CallPermits } from './call-permits.ts';
import { type BudgetTools, RateBudget } from './rate-budget.ts';

let nats: TestNats;
let runtime: Runtime;
const opened: Array<() => unknown> = [];

beforeAll(async () => {
  nats = await startTestNats();
  runtime = await createRuntime({ service: 'test', natsUrl: nats.url, logLevel: 'fatal' });
});

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

afterAll(async () => {
  await runtime?.stop();
  await nats?.stop();
});

/** A sender whose process can be made to sleep: its clock jumps, and what it holds is what it held. */
class Sleeper {
  readonly tools: BudgetTools;
  readonly coordination: RecordStore;
  #slept = 0;
  /** What its dispatcher would do when something has changed. */
  review: () => void = () => {};

  constructor() {
    const local = () => performance.now() + this.#slept;
    const senderId = newId();
    this.coordination = openCoordination(runtime.broker, { replicas: 1 });
    const onChange = () => this.review();
    const clock = new BrokerClock(local);
    void this.#compare(clock, coordinationSubjects.clock(senderId), local).then(onChange);
    this.tools = { coordination: this.coordination, clock, senderId, log: runtime.log, local, onChange };
  }

  async #compare(brokerClock: BrokerClock, subject: string, steady: () => number): Promise<void> {
    for (let each = 0; each < 4; each += 1) {
      await askLogTime({ coordination: this.coordination, subject, wall: Date.now, steady, brokerClock });
    }
  }

  sleep(milliseconds: number): void {
    this.#slept += milliseconds;
  }

  rate(subject: string, callsPerSecond: number): RateBudget {
    const budget = new RateBudget(this.tools, subject, callsPerSecond, false);
    this.review = () => budget.review(() => 10);
    opened.push(() => budget.close());
    return budget;
  }
}

const freshSubject = (): string => coordinationSubjects.mailingRate(newId());

test('a sender that slept spends nothing of what it had reserved, and goes on with new calls', async () => {
  const sleeper = new Sleeper();
  const budget = sleeper.rate(freshSubject(), 100);
  await eventually(() => budget.isDue());
  expect(budget.held).toBeGreaterThan(1);
  sleeper.sleep(1_000);
  expect([budget.isDue(), budget.held]).toEqual([false, 0]);
  sleeper.review();
  await eventually(() => budget.isDue());
});

/** A budget that was looked at just before its next call is due, and how often it has woken its sender since. */
async function lookedAtTooEarly(): Promise<{ wakes: () => number } | null> {
  const sender = new Sleeper();
  await eventually(() => sender.tools.clock.isKnown);
  let wakes = 0;
  sender.review = () => {
    wakes += 1;
  };
  // Reviewed once, to ask: no timer of an earlier look is set that would hide a forgotten one.
  const budget = new RateBudget(sender.tools, freshSubject(), 500, false);
  opened.push(() => budget.close());
  budget.review(() => 50);
  await eventually(() => wakes === 1, { everyMs: 1 });
  while (budget.isDue()) budget.begin();
  const before = wakes;
  sender.sleep(3);
  budget.review(() => 50);
  // What is reserved holds for a tenth of a second: a machine that stands still for so long leaves nothing to look at.
  return budget.held > 25 ? { wakes: () => wakes - before } : null;
}

test('a call whose moment comes between two looks at it is not forgotten', async () => {
  const sender = await eventually(lookedAtTooEarly);
  await eventually(() => sender.wakes() > 0, { timeoutMs: 2_000 });
});

test('a sender that slept begins no call on permits that others may have by now', async () => {
  const sleeper = new Sleeper();
  const permits = new CallPermits(sleeper.tools, `coordination.calls.${newId()}`, {
    total: 6,
    callMs: 500,
    wanted: () => 10,
    inFlight: () => 0,
  });
  opened.push(() => permits.close());
  sleeper.review = () => permits.review();
  await eventually(() => permits.allowed === 6);
  sleeper.sleep(2_000);
  expect(permits.allowed).toBe(0);
  sleeper.review();
  await eventually(() => permits.allowed === 6);
});

test('two share the calls at once, and one that leaves makes room for the other', async () => {
  const subject = `coordination.calls.${newId()}`;
  const [one, other] = [1, 2].map(() => {
    const sender = new Sleeper();
    const options = { total: 5, callMs: 500, wanted: () => 10, inFlight: () => 0 };
    const permits = new CallPermits(sender.tools, subject, options);
    opened.push(() => permits.close());
    sender.review = () => permits.review();
    return permits;
  });
  if (one === undefined || other === undefined) throw new Error('no senders');
  const allowed = () => [one.allowed, other.allowed].sort();
  await eventually(() => expect(allowed()).toEqual([2, 3]) ?? true);
  await other.close();
  await eventually(() => one.allowed === 5);
});

test('a record from a clock that nobody has any more does not stop anybody for long', async () => {
  const subject = freshSubject();
  const sender = new Sleeper();
  await eventually(() => sender.tools.clock.isKnown);
  const lastDue = sender.tools.clock.now + 3_600_000;
  await sender.coordination.put(subject, JSON.stringify({ lastDue, senders: {} }));
  const budget = sender.rate(subject, 100);
  sender.review();
  await eventually(() => budget.isDue());
});

test('a changed limit lets go of what was reserved under the old one, and holds at once', async () => {
  const sender = new Sleeper();
  const budget = sender.rate(freshSubject(), 0.01);
  await eventually(() => budget.isDue());
  budget.begin();
  sender.review();
  budget.callsPerSecond = 100;
  expect(budget.held).toBe(0);
  sender.review();
  await eventually(() => budget.held > 1);
});
