import { type Decisions, decisions } from '../../src/batch/decisions.ts';
import type { MessageProgress, OutcomeBody } from '../../src/batch/progress.ts';

/** Where a sender of a test breaks on some messages: in a decision about them, or where the outcome is written. */
export const POISON_STAGES = ['address', 'turn', 'outcome', 'write', 'after'] as const;
export type PoisonStage = (typeof POISON_STAGES)[number];

/** The decisions of a sender that has a bug which shows on some messages only. */
export function poisonedDecisions(
  at: PoisonStage,
  isPoisoned: (message: MessageProgress) => boolean,
): Decisions {
  const strike = (stage: PoisonStage, message: MessageProgress): void => {
    if (stage === at && isPoisoned(message)) throw new Error(`poison at ${stage}`);
  };
  return {
    address: (message, recipients) => {
      strike('address', message);
      return decisions.address(message, recipients);
    },
    turn: (message, open, view) => {
      strike('turn', message);
      return decisions.turn(message, open, view);
    },
    outcome: (message, made, context) => {
      strike('outcome', message);
      const body = decisions.outcome(message, made, context);
      return at === 'write' && isPoisoned(message) ? unwritable(body) : body;
    },
    after: (message, outcome) => {
      strike('after', message);
      return decisions.after(message, outcome);
    },
  };
}

/** No JSON can be made of it. */
function unwritable(body: OutcomeBody): OutcomeBody {
  const toJSON = (): never => {
    throw new Error('poison at write');
  };
  return Object.assign({ ...body }, { data: Object.assign({ ...body.data }, { toJSON }) });
}
