import { afterEach, expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { Breaker, type BreakerState } from './breaker.ts';

const SENT: Answer = { kind: 'sent', statusCode: 200 };
const REFUSED: Answer = { kind: 'refused', statusCode: 503, error: 'status 503' };
const FAILED: Answer = { kind: 'failed', statusCode: 404, error: 'status 404' };
const CUT_SHORT: Answer = { kind: 'lost', statusCode: null, error: 'the mailing ended', cutShort: true };

const opened: Breaker[] = [];
function makeBreaker(): { breaker: Breaker; states: BreakerState[]; halfOpen: Promise<void> } {
  const states: BreakerState[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const breaker = new Breaker({
    resetTimeoutMs: 20,
    volumeThreshold: 20,
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
  expect([breaker.state, breaker.admission]).toEqual(['closed', 'open']);
});

test('definite refusals, and calls that we cut short, say nothing against the provider', async () => {
  const { breaker } = makeBreaker();
  await answer(breaker, FAILED, 40);
  await answer(breaker, CUT_SHORT, 40);
  expect(breaker.state).toBe('closed');
});

test('opens on failures, calls nobody while open, and closes on one good call', async () => {
  const { breaker, states, halfOpen } = makeBreaker();
  await answer(breaker, REFUSED, 20);
  expect([breaker.state, breaker.admission]).toEqual(['open', 'none']);
  let called = false;
  const rejected = await breaker.call(async () => {
    called = true;
    return SENT;
  });
  expect([rejected, called]).toEqual([null, false]);

  await halfOpen;
  expect([breaker.state, breaker.admission]).toEqual(['half-open', 'one']);
  const probe = Promise.withResolvers<Answer>();
  const call = breaker.call(() => probe.promise);
  expect(breaker.admission).toBe('none');
  probe.resolve(SENT);
  await call;
  expect([breaker.state, breaker.admission]).toEqual(['closed', 'open']);
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('a try that failed, or that we cut short, leaves it open', async () => {
  for (const failed of [REFUSED, CUT_SHORT]) {
    const { breaker, halfOpen } = makeBreaker();
    await answer(breaker, REFUSED, 20);
    await halfOpen;
    await answer(breaker, failed, 1);
    expect(breaker.state).toBe('open');
  }
});
