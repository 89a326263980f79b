import type { CommandOutcome } from '@herald/contracts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import type { CommandState } from '../../schemas/command.ts';
import { presentMailing } from '../../schemas/mailing.ts';

/** A stored outcome as the state of its command. */
export function stateOfOutcome(outcome: CommandOutcome): Omit<CommandState, 'id'> {
  switch (outcome.kind) {
    case 'client':
      return { status: 'done', result: outcome.client };
    case 'mailing':
      return { status: 'done', result: presentMailing(outcome.mailing) };
    case 'removed':
      return { status: 'done', result: null };
    case 'imported': {
      const { registered, updated, rejected } = outcome.summary;
      return {
        status: 'done',
        result: { received: registered + updated + rejected, ...outcome.summary },
      };
    }
    case 'refused':
      return { status: 'refused', result: refusalProblem(outcome.refusal) };
    default:
      return outcome satisfies never;
  }
}
