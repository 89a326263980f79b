import type { Scenario } from '../bench.ts';
import { interleave } from '../measure/measured.ts';
import { runInsertRows } from '../processes/run-insert-rows.ts';
import { batchesOfMessages, writeOldLog } from '../system/old-log.ts';
import { measureReplay } from './replay.ts';

/** The same as `replay`, from a log in which each outcome is an event of its own. */
export const replayOld: Scenario = {
  names: ['replay-old'],
  about: 'the statistics built again from a log of --messages outcomes in the old form; plain inserts',
  isQuick: false,
  run: async (bench) => {
    const { rounds, messages } = bench.sizes;
    await bench.systems.stopAll();
    const system = await bench.systems.beside('old log', {});
    await writeOldLog(bench, system, batchesOfMessages(messages));
    const collected = await interleave(rounds, [
      async () => ({ 'rows (replay-old)': await runInsertRows(bench, system, messages) }),
      () => measureReplay(bench, system, 'replay-old'),
    ]);
    const reference = 'rows (replay-old)';
    return {
      collected,
      references: { 'replay-old events': reference, 'replay-old outcomes': reference },
    };
  },
};
