import { describe, expect, it } from 'vitest';
import { fieldErrors } from '../http/problem.ts';
import { behaviourSchema, healthyBehaviour } from './behaviour-schema.ts';

function fieldsRefused(behaviour: unknown): string[] {
  const parsed = behaviourSchema.safeParse(behaviour);
  return parsed.success ? [] : fieldErrors(parsed.error).map(({ field }) => field);
}

describe('the behaviour', () => {
  it('is healthy where nothing is said', () => {
    expect(behaviourSchema.parse({})).toEqual(healthyBehaviour);
    expect(healthyBehaviour).toEqual({
      latencyMs: 0,
      rules: [],
      outage: 'none',
      rejectToken: false,
      seed: 1,
    });
  });

  it('takes a rule without a probability as certain, and a huge body as one of a gigabyte', () => {
    expect(behaviourSchema.parse({ rules: [{ fault: { kind: 'huge' } }] }).rules).toEqual([
      { probability: 1, fault: { kind: 'huge', bytes: 1_000_000_000 } },
    ]);
  });

  it.each([
    [{ latency: 5 }, ['latency']],
    [{ latencyMs: -1 }, ['latencyMs']],
    [{ latencyMs: { min: 5, max: 1 } }, ['latencyMs']],
    [{ outage: 'partial' }, ['outage']],
    [{ rateLimitPerSecond: 0 }, ['rateLimitPerSecond']],
    [{ rules: [{ probability: 1.5, fault: { kind: 'hang' } }] }, ['rules.0.probability']],
    [{ rules: [{ probability: 1 }] }, ['rules.0.fault']],
    [{ rules: [{ fault: { kind: 'explode' } }] }, ['rules.0.fault.kind']],
    [{ rules: [{ fault: { kind: 'status', status: 200 } }] }, ['rules.0.fault.status']],
    [{ rules: [{ fault: { kind: 'refusal', code: 0 } }] }, ['rules.0.fault.code']],
    [{ rules: [{ fault: { kind: 'coded', coding: 'zstd' } }] }, ['rules.0.fault.coding']],
    [{ rules: [{ fault: { kind: 'hang', forever: true } }] }, ['rules.0.fault.forever']],
    [{ rules: [{ fault: { kind: 'slow-drip', bytesPerSecond: 1e-9 } }] }, ['rules.0.fault.bytesPerSecond']],
    [{ rules: [{ fault: { kind: 'hang' }, match: { phone: '7' } }] }, ['rules.0.match.phone']],
    [{ seed: 1.5, rejectToken: 'yes' }, ['rejectToken', 'seed']],
  ])('refuses %j by the name of the field', (behaviour, fields) => {
    expect(fieldsRefused(behaviour)).toEqual(fields);
  });
});
