import { runService } from '@herald/service-kit';
import { startSender } from '../../src/app.ts';
import { senderConfig } from '../../src/config.ts';
import { optionsOf } from '../../src/options-of.ts';
import { shiftClock } from './shift-clock.ts';

/**
 * A sender as a process that can be killed, with a lease short enough to wait for. Its clock can be set wrong by a
 * message `{ clockAheadMs }`.
 */
const setClock = shiftClock(0);
process.on('message', (message: { readonly clockAheadMs: number }) => setClock(message.clockAheadMs));

await runService({
  name: 'sender',
  config: senderConfig,
  start: async (runtime, config) => {
    startSender(runtime, {
      ...optionsOf(config),
      pace: { ackWaitMs: 2_000, renewEveryMs: 500, lostAfterMs: 1_200 },
    });
  },
});
