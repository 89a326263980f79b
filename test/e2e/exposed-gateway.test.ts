import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  importAtOnce,
  importBadLines,
  ODD_REQUESTS,
  postLargeBodies,
  sendOdd,
} from '../load/exposed-gateway/attacks.ts';
import { observe } from '../load/exposed-gateway/observe.ts';
import type { RawOutcome } from '../load/exposed-gateway/raw-request.ts';
import { Herald } from './support/herald.ts';
import { reportMeasurement } from './support/measurement.ts';

const MOST_MEMORY_MIB = 250;

/** A core of test/load/exposed-gateway: what it measures on a quiet machine is in docs/adr/0031. */
describe('a gateway that more is sent to than it can take', () => {
  let herald: Herald;
  let gateway: { readonly pid: number; readonly port: number };
  beforeAll(async () => {
    herald = await Herald.start();
    const { processes } = await herald.describe();
    gateway = processes.find(({ name }) => name === 'gateway-1') ?? { pid: 0, port: 0 };
  });
  afterAll(async () => {
    await herald.stop();
  });

  /** Observes health and memory beside an attack. Times are told, not judged: the machine may be busy. */
  async function bear<Result>(what: string, attack: () => Promise<Result>): Promise<Result> {
    const { result, seen } = await observe(gateway, attack);
    reportMeasurement(`${what}, longest health check, ms`, seen.max);
    reportMeasurement(`${what}, memory, MiB`, seen.rssMiB);
    expect(seen.failures).toBe(0);
    expect(seen.rssMiB).toBeLessThan(MOST_MEMORY_MIB);
    expect(await herald.pidOf('gateway-1')).toBe(gateway.pid);
    return result;
  }

  const expectAnswers = (outcomes: readonly RawOutcome[], ...statuses: number[]): void => {
    for (const outcome of outcomes) {
      expect(outcome.kind).toBe('answered');
      if (outcome.kind !== 'answered') continue;
      expect(statuses).toContain(outcome.status);
      if (outcome.status === 503) expect(outcome.retryAfter).toMatch(/^\d+$/);
    }
  };

  it('answers every import, those it takes and those it does not', async () => {
    const outcomes = await bear('60 imports at once', () => importAtOnce(gateway, 60, 100_000));
    expectAnswers(outcomes, 200, 202, 503);
  });

  it('answers every one of a thousand large bodies', async () => {
    const outcomes = await bear('1000 large bodies', () => postLargeBodies(gateway, 1_000, 250_000));
    expectAnswers(outcomes, 422, 503);
  });

  it('tells the log how many it refused, not each of them', async () => {
    await eventually(() => herald.output().includes('requests were refused'));
    const lines = herald.output().split('\n');
    expect(lines.filter((line) => line.includes('"msg":"request"') && line.includes('"status":503'))).toEqual(
      [],
    );
  });

  it('ends a file of nothing but bad lines', async () => {
    const outcome = await bear('20 MB of bad lines', () =>
      importBadLines(gateway, 20_000_000, 'phone,timezone\n'),
    );
    expect(outcome).toMatchObject({ kind: 'answered', status: 422, code: 'import-too-many-errors' });
  });

  it.each(ODD_REQUESTS.map(([title, status, head, body]) => ({ title, status, head, body })))(
    'answers $title with $status',
    async ({ status, head, body }) => {
      const outcome = await sendOdd(gateway, head, body);
      expect(outcome).toMatchObject({ kind: 'answered', status });
    },
  );
});
