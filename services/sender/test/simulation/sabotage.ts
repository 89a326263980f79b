import type { BatchDependencies } from '../../src/batch/batch-dependencies.ts';
import { isFinal } from '../../src/batch/batch-state.ts';
import { isolated } from '../../src/batch/isolation.ts';
import { initialProgress } from '../../src/batch/progress.ts';
import type { endOf } from '../../src/mailings/open-mailing.ts';
import type { ClaimStore } from '../../src/ownership/claims.ts';
import type { Poison } from './poison.ts';
import type { Sabotage } from './surroundings.ts';

/** What a sender is made of that holds a safeguard. */
export interface SafeParts extends Pick<BatchDependencies, 'lease' | 'lookUp' | 'transition' | 'writer'> {
  readonly store: ClaimStore;
  readonly endOf: typeof endOf;
  /** Calls under way and outcomes that are not recorded, together. */
  readonly mostOpen: number;
}

/** Longer than any simulation. */
const NEVER_MS = 24 * 60 * 60_000;

/** The same parts without one safeguard. */
export function sabotaged(sabotage: Sabotage | null, parts: SafeParts, poison: Poison): SafeParts {
  switch (sabotage) {
    case null:
      return parts;
    // Whoever wants a batch has it.
    case 'claims': {
      let sequence = 0;
      const say = async (): Promise<number> => {
        sequence += 1;
        return sequence;
      };
      return { ...parts, store: { read: async () => null, replace: say, put: say } };
    }
    // What stands in the log of a batch is not looked up.
    case 'idempotence':
      return {
        ...parts,
        lookUp: async (_reader, { data }) => ({ kind: 'open', messages: initialProgress(data) }),
      };
    // A lease is never lost by the sender's own clock, and nobody is asked whether it is.
    case 'fencing':
      return { ...parts, lease: { renewEveryMs: NEVER_MS, lostAfterMs: NEVER_MS } };
    // No mailing comes to its end by the clock.
    case 'deadline':
      return { ...parts, endOf: () => NEVER_MS };
    case 'isolation':
      return { ...parts, transition: withoutIsolation(parts.transition, poison) };
    // What gathers is taken for recorded: all but the first of a record is lost.
    case 'gathering':
      return {
        ...parts,
        writer: {
          publish: (subject, payload, options) =>
            parts.writer.publish(subject, withFirstOutcome(payload), options),
        },
      };
    case 'slots':
      return { ...parts, mostOpen: Number.POSITIVE_INFINITY };
    default:
      return sabotage satisfies never;
  }
}

/** An exception anywhere in a transition lets the batch go, and nothing is said in other words. */
function withoutIsolation(
  transition: BatchDependencies['transition'],
  poison: Poison,
): BatchDependencies['transition'] {
  return (state, event, view) => {
    if (isFinal(state)) return transition(state, event, view);
    const { strikes } = poison;
    const told = event.kind === 'unrecorded' ? { ...event, isLastTry: true } : event;
    const step = isolated(() => transition(state, told, view));
    if (step.ok && strikes === poison.strikes) return step.value;
    return { state: { kind: 'abandoned' }, commands: [{ kind: 'stop-reading' }] };
  };
}

function withFirstOutcome(payload: string): string {
  const event = JSON.parse(payload);
  if (event.type !== 'OutcomesRecorded') return payload;
  return JSON.stringify({ ...event, data: { ...event.data, outcomes: event.data.outcomes.slice(0, 1) } });
}
