import type { Statistics } from '../../../../infra/demo/figures.ts';
import type { Bench, Scenario } from '../bench.ts';
import { interleave, type Measured, perSecond } from '../measure/measured.ts';
import { runInsertRows } from '../processes/run-insert-rows.ts';
import { newText } from '../system/deliver.ts';
import { ensureAudience } from '../system/import-audience.ts';
import { order, untilStatistics } from '../system/mailing.ts';
import type { System } from '../system/system.ts';
import { whileDoing } from '../system/watch-usage.ts';
import { WITHOUT_SENDERS } from './import.ts';

/** One mailing to many clients with nobody to send it: until the statistics show every message queued. */
export const fanout: Scenario = {
  names: ['fanout'],
  about: 'a mailing to --fanout clients without senders, until all is planned and queued; plain inserts',
  isQuick: true,
  run: async (bench) => {
    const { rounds, fanout: messages } = bench.sizes;
    const system = await bench.systems.only(WITHOUT_SENDERS);
    const imported = [...system.audiences].find(([, clients]) => clients === messages)?.[0];
    const tag = imported ?? 'fanout';
    await ensureAudience(bench, system, tag, messages);
    const collected = await interleave(rounds, [
      async () => ({ 'rows (fan-out)': await runInsertRows(bench, system, messages) }),
      async () => ({ 'fan-out': await measureFanout(bench, system, tag, messages) }),
    ]);
    return { collected, references: { 'fan-out': 'rows (fan-out)' } };
  },
};

/** @throws when the provider was called: there is nobody who may */
async function measureFanout(bench: Bench, system: System, tag: string, messages: number): Promise<Measured> {
  const api = await system.api(bench.signal);
  const { result: tookMs, usage } = await whileDoing(system, async () => {
    const begin = performance.now();
    const id = await order(api, { text: newText(), tag });
    const isQueued = ({ audienceResolved, planned, counts }: Statistics): boolean => {
      if (planned > messages) throw new Error(`Of ${messages} messages ${planned} were planned.`);
      return audienceResolved && planned === messages && counts.queued === messages;
    };
    await untilStatistics(bench, api, id, 'messages queued', isQueued, ({ counts }) => counts.queued);
    return performance.now() - begin;
  });
  const { requests } = await system.provider();
  if (requests > 0) throw new Error(`The provider got ${requests} requests though nobody sends.`);
  return {
    value: perSecond(messages, tookMs),
    unit: 'messages/s',
    per: { thing: 'message', count: messages },
    usage,
    details: { seconds: tookMs / 1_000 },
  };
}
