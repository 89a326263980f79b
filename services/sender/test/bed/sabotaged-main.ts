import { runService } from '@herald/service-kit';
import { z } from 'zod';
import { type SenderOptions, startSender } from '../../src/app.ts';
import { initialProgress } from '../../src/batch/progress.ts';
import { senderConfig } from '../../src/config.ts';
import { optionsOf } from '../../src/options-of.ts';
import { POISON_STAGES, poisonedDecisions } from './poison.ts';

/** Longer than any mailing of a test. */
const NEVER_MS = 24 * 60 * 60_000;

/** One safeguard each, switched off: what the checker of the fault suite must notice. */
const SABOTAGE = {
  /** What stands in the log of a batch is not looked up. */
  idempotence: {
    parts: {
      lookUp: async (_broker, queued) => ({ kind: 'open', messages: initialProgress(queued.data) }),
    },
  },
  /** A lease is never lost by the sender's own clock, and nobody is asked whether it is. */
  fencing: { pace: { lostAfterMs: NEVER_MS, renewEveryMs: NEVER_MS } },
  /** No mailing comes to its end by the clock. */
  deadline: { parts: { endOf: () => Date.now() + NEVER_MS } },
} satisfies Record<string, Pick<SenderOptions, 'parts' | 'pace'>>;

await runService({
  name: 'sender',
  config: senderConfig.extend({
    SABOTAGE: z.enum(['idempotence', 'fencing', 'deadline', 'poison']),
    /** Where a sender with poison breaks, and on whose messages. */
    POISON_AT: z.enum(POISON_STAGES).default('turn'),
    POISON_CLIENT: z.string().default(''),
  }),
  start: async (runtime, config) => {
    startSender(runtime, {
      ...optionsOf(config),
      ...(config.SABOTAGE === 'poison'
        ? {
            parts: {
              decisions: poisonedDecisions(
                config.POISON_AT,
                ({ clientId }) => clientId === config.POISON_CLIENT,
              ),
            },
          }
        : SABOTAGE[config.SABOTAGE]),
    });
  },
});
