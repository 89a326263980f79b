import { describe, expect, it } from 'vitest';
import { ActiveBehaviour } from './active-behaviour.ts';
import { behaviourSchema } from './behaviour-schema.ts';

const PHONE = 79_161_234_567;

function behaving(behaviour: object): ActiveBehaviour {
  const active = new ActiveBehaviour();
  active.replace(behaviourSchema.parse(behaviour));
  return active;
}

function strikes(behaviour: object, messageId: number, attempt = 1, phone = PHONE): string | null {
  return behaving(behaviour).faultFor({ messageId, attempt, phone })?.kind ?? null;
}

describe('choosing a fault', () => {
  it('takes the first rule that matches', () => {
    const rules = [
      { fault: { kind: 'hang' }, match: { messageIds: [1, 2] } },
      { fault: { kind: 'garbage' } },
      { fault: { kind: 'huge' } },
    ];
    expect(strikes({ rules }, 2)).toBe('hang');
    expect(strikes({ rules }, 3)).toBe('garbage');
  });

  it('strikes the first attempts only, of each message', () => {
    const rules = [{ fault: { kind: 'reset-before' }, match: { firstAttempts: 2 } }];
    expect([1, 2, 3].map((attempt) => strikes({ rules }, 5, attempt))).toEqual([
      'reset-before',
      'reset-before',
      null,
    ]);
  });

  it('strikes by the beginning of the phone', () => {
    const rules = [{ fault: { kind: 'hang' }, match: { phonePrefix: '7916' } }];
    expect(strikes({ rules }, 1)).toBe('hang');
    expect(strikes({ rules }, 1, 1, 79_171_234_567)).toBe(null);
  });

  it('wants all that a match says', () => {
    const rules = [{ fault: { kind: 'hang' }, match: { messageIds: [1], firstAttempts: 1 } }];
    expect(strikes({ rules }, 1, 2)).toBe(null);
  });

  it('strikes the share of messages that the probability says, the same ones for the same seed', () => {
    const struck = (seed: number) => {
      const active = behaving({ seed, rules: [{ probability: 0.3, fault: { kind: 'hang' } }] });
      const ids = Array.from({ length: 10_000 }, (_, index) => index + 1);
      return ids.filter((messageId) => active.faultFor({ messageId, attempt: 1, phone: PHONE }) !== null);
    };
    const first = struck(1);
    // 3 000 expected, standard deviation 46.
    expect(Math.abs(first.length - 3_000)).toBeLessThan(230);
    expect(struck(1)).toEqual(first);
    expect(struck(2)).not.toEqual(first);
  });

  it('never strikes at probability 0', () => {
    const rules = [{ probability: 0, fault: { kind: 'hang' } }];
    for (let id = 1; id <= 1_000; id += 1) expect(strikes({ rules }, id)).toBe(null);
  });

  it('leaves later rules as they were when an earlier one is narrowed', () => {
    const second = { probability: 0.5, fault: { kind: 'garbage' } };
    for (let id = 1; id <= 200; id += 1) {
      const alone = { probability: 0, fault: { kind: 'hang' } };
      const narrowed = { probability: 1, fault: { kind: 'hang' }, match: { messageIds: [1_000] } };
      expect(strikes({ rules: [narrowed, second] }, id)).toBe(strikes({ rules: [alone, second] }, id));
    }
  });
});

describe('latency', () => {
  it('lies between its bounds, and is the same for the same attempt', () => {
    const active = behaving({ latencyMs: { min: 20, max: 40 } });
    const drawn = Array.from({ length: 1_000 }, (_, index) => active.latencyFor(index, 1));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(20);
    expect(Math.min(...drawn)).toBeLessThan(21);
    expect(Math.max(...drawn)).toBeGreaterThan(39);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(40);
    expect(active.latencyFor(17, 1)).toBe(drawn[17]);
  });
});
