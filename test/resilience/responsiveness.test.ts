import type { Client } from '@herald/contracts';
import { describe, expect, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { newPhone } from '../e2e/support/scenario.ts';
import { tell } from './support/progress.ts';
import { useTestBed } from './support/test-bed.ts';

const CALLS = 600;
/** One after another: what is measured is the answer, and not a queue of our own. */
const TOLERATED_FACTOR = 2;
const TOLERATED_MS = 20;

describe('the gateway while the provider hangs', () => {
  const bed = useTestBed();

  it('answers as fast as with a healthy provider', async () => {
    const herald = bed.keep(await Herald.start());
    const trial = await bed.begin(herald, 'REST while the provider hangs');
    await herald.provider.behave({ latencyMs: 300 });
    const mailing = await trial.start(20_000);
    await trial.untilAccepted(300);
    await measure(herald, mailing.id);
    const healthy = await measure(herald, mailing.id);
    await herald.provider.behave({ rules: [{ fault: { kind: 'hang', accepted: false } }] });
    const hanging = await measure(herald, mailing.id);
    tell(`REST calls, healthy provider: ${report(healthy)}`);
    tell(`REST calls, hanging provider: ${report(hanging)}`);
    await herald.provider.behaveWell();
    const tolerated = Math.max(TOLERATED_FACTOR * percentile(healthy, 99), TOLERATED_MS);
    expect(percentile(hanging, 99)).toBeLessThanOrEqual(tolerated);
  });

  /** Writes and reads in turn, as an operator's programs would do them. Milliseconds, in ascending order. */
  async function measure(herald: Herald, mailingId: string): Promise<readonly number[]> {
    const times: number[] = [];
    const timed = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
      const begin = performance.now();
      const answer = await call();
      times.push(performance.now() - begin);
      return answer;
    };
    for (let round = 0; round < CALLS / 4; round++) {
      const body = { phone: newPhone('950'), timezone: 'UTC' };
      const client = await timed(() => herald.api.expect<Client>('POST', '/clients', { body }));
      await timed(() => herald.api.get(`/clients/${client.id}`));
      await timed(() => herald.api.get(`/mailings/${mailingId}/stats`));
      await timed(() => herald.api.get('/mailings?limit=10'));
    }
    return times.sort((one, other) => one - other);
  }

  const percentile = (sorted: readonly number[], percent: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;

  const report = (sorted: readonly number[]): string =>
    [50, 90, 99, 100].map((percent) => `p${percent} ${percentile(sorted, percent).toFixed(1)} ms`).join(', ');
});
