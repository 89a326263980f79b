import { afterEach, expect, test, vi } from 'vitest';
import type { Answer } from './answer.ts';
import { Breaker, type BreakerState } from './breaker.ts';

const SENT: Answer = { kind: 'sent', statusCode: 200 };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503', pauseMs: null };
const FAILED: Answer = { kind: 'failed', statusCode: 404, error: 'status 404' };
const CUT_SHORT: Answer = { kind: 'lost', statusCode: null, error: 'the mailing ended', cutShort: true };

const UNSENT: Answer = { kind: 'unsent' };

const opened: Breaker[] = [];
function makeBreaker(): { breaker: Breaker; states: BreakerState[]; halfOpen: Promise<void> } {
  const states: BreakerState[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const breaker = new Breaker({
    resetTimeoutMs: 20,
    volumeThreshold: 20,
    random: () => 0.5,
    onChange: (state) => {
      states.push(state);
      if (state === 'half-open') resolve();
    },
  });
  opened.push(breaker);
  return { breaker, states, halfOpen: promise };
}

afterEach(() => {
  for (const breaker of opened.splice(0)) breaker.close();
});

async function answer(breaker: Breaker, value: Answer, times: number): Promise<void> {
  for (let call = 0; call < times; call += 1) {
    expect(await breaker.call(async () => value)).toEqual(value);
  }
}

test('stays closed below the volume it takes to judge', async () => {
  const { breaker } = makeBreaker();
  await answer(breaker, REFUSED, 19);
  expect([breaker.state, breaker.admission]).toEqual(['closed', Number.POSITIVE_INFINITY]);
});

test('definite refusals, and calls that we cut short, say nothing against the provider', async () => {
  const { breaker } = makeBreaker();
  await answer(breaker, FAILED, 40);
  await answer(breaker, CUT_SHORT, 40);
  await answer(breaker, UNSENT, 40);
  expect(breaker.state).toBe('closed');
});

test('opens on failures, calls nobody while open, and closes on one good call', async () => {
  const { breaker, states, halfOpen } = makeBreaker();
  await answer(breaker, REFUSED, 20);
  expect([breaker.state, breaker.admission]).toEqual(['open', 0]);
  let called = false;
  const rejected = await breaker.call(async () => {
    called = true;
    return SENT;
  });
  expect([rejected, called]).toEqual([null, false]);

  await halfOpen;
  expect([breaker.state, breaker.admission]).toEqual(['half-open', 1]);
  const probe = Promise.withResolvers<Answer>();
  const call = breaker.call(() => probe.promise);
  expect(breaker.admission).toBe(0);
  probe.resolve(SENT);
  await call;
  expect([breaker.state, breaker.admission]).toEqual(['closed', Number.POSITIVE_INFINITY]);
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('a try that failed, or that we cut short, leaves it open', async () => {
  for (const failed of [REFUSED, CUT_SHORT, UNSENT]) {
    const { breaker, halfOpen } = makeBreaker();
    await answer(breaker, REFUSED, 20);
    await halfOpen;
    await answer(breaker, failed, 1);
    expect(breaker.state).toBe('open');
  }
});

test('answers are weighed, not what is still in flight', async () => {
  const { breaker } = makeBreaker();
  const answers = Array.from({ length: 64 }, () => Promise.withResolvers<Answer>());
  const calls = answers.map(({ promise }) => breaker.call(() => promise));
  for (const { resolve } of answers.slice(0, 19)) resolve(REFUSED);
  await Promise.all(calls.slice(0, 19));
  expect(breaker.state).toBe('closed');
  answers[19]?.resolve(REFUSED);
  await calls[19];
  expect(breaker.state).toBe('open');
  for (const { resolve } of answers) resolve(SENT);
  expect(await Promise.all(calls)).toHaveLength(64);
});

test('half of the answers may be bad, and more may not', async () => {
  const { breaker } = makeBreaker();
  await answer(breaker, SENT, 20);
  await answer(breaker, REFUSED, 20);
  expect(breaker.state).toBe('closed');
  await answer(breaker, REFUSED, 1);
  expect(breaker.state).toBe('open');
});

test('answers to calls from before it opened neither close it nor keep it open', async () => {
  const { breaker, states, halfOpen } = makeBreaker();
  const [good, bad] = [Promise.withResolvers<Answer>(), Promise.withResolvers<Answer>()];
  const late = [breaker.call(() => good.promise), breaker.call(() => bad.promise)];
  breaker.open();
  await halfOpen;
  const probe = Promise.withResolvers<Answer>();
  const call = breaker.call(() => probe.promise);
  good.resolve(SENT);
  bad.resolve(REFUSED);
  expect(await Promise.all(late)).toEqual([SENT, REFUSED]);
  expect(breaker.state).toBe('half-open');
  probe.resolve(SENT);
  await call;
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('what failed during an outage is not held against a provider that is back', async () => {
  const { breaker, halfOpen } = makeBreaker();
  await answer(breaker, REFUSED, 20);
  await halfOpen;
  await answer(breaker, SENT, 1);
  await answer(breaker, REFUSED, 1);
  expect(breaker.state).toBe('closed');
});

test('opens on the judgement of somebody else, and tries again later', async () => {
  const { breaker, states, halfOpen } = makeBreaker();
  breaker.open();
  expect([breaker.state, breaker.admission]).toEqual(['open', 0]);
  await halfOpen;
  await answer(breaker, SENT, 1);
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('stays open between three and five quarters of its time', async () => {
  vi.useFakeTimers();
  for (const [random, milliseconds] of [
    [0, 1_500],
    [1, 2_500],
  ] as const) {
    const breaker = new Breaker({
      resetTimeoutMs: 2_000,
      volumeThreshold: 20,
      random: () => random,
      onChange: () => {},
    });
    opened.push(breaker);
    breaker.open();
    vi.advanceTimersByTime(milliseconds - 1);
    expect(breaker.state).toBe('open');
    vi.advanceTimersByTime(1);
    expect(breaker.state).toBe('half-open');
  }
  vi.useRealTimers();
});
