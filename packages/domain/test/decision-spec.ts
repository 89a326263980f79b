import type { Refusal } from '@herald/contracts';
import { expect } from 'vitest';
import type { Decision } from '../src/decision.ts';

/** Given a state, when a command comes at a moment, then exactly this: whole events, whole refusals. */
export const specifying =
  <State, Command, Event>(decide: (state: State, command: Command, now: Date) => Decision<Event>) =>
  (given: State) => ({
    when: (command: Command, now: Date) => {
      const before = structuredClone(given);
      const decision = decide(given, command, now);
      expect(given, 'a decision leaves the state as it was').toStrictEqual(before);
      return {
        yields: (event: Event) => expect(decision).toStrictEqual({ kind: 'accepted', event }),
        refused: (refusal: Refusal) => expect(decision).toStrictEqual({ kind: 'refused', refusal }),
      };
    },
  });
