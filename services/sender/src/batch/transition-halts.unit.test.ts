import { describe, expect, test } from 'vitest';
import {
  calm,
  changed,
  delivered,
  expired,
  found,
  ours,
  past,
  REFUSED,
  recorded,
  SENT,
  sending,
  Told,
  turn,
} from '../../test/batch/told-batch.ts';
import { type BatchEvent, HALTS } from './batch-state.ts';
import { salvage } from './salvage.ts';

describe('when it is given up', () => {
  const halts: Record<(typeof HALTS)[number], (told: Told) => Told> = {
    'past-end': (told) => told.tell(changed, past),
    returned: (told) => told.tell({ kind: 'stop' }),
    broken: (told) => {
      told.state = salvage(told.state, changed, calm).state;
      return told;
    },
    over: (told) => told.tell(changed, expired),
    'lease-lost': (told) => told.tell({ kind: 'lease-lost', taken: false }),
    taken: (told) => told.tell({ kind: 'lease-lost', taken: true }),
  };
  const ending: Record<(typeof HALTS)[number], string> = {
    'past-end': 'returned',
    returned: 'returned',
    broken: 'returned',
    over: 'ending',
    'lease-lost': 'returned',
    taken: 'abandoned',
  };

  for (const [index, weak] of HALTS.entries()) {
    for (const strong of HALTS.slice(index)) {
      test(`${strong} prevails over ${weak}, whichever came first`, () => {
        for (const [first, second] of [
          [weak, strong],
          [strong, weak],
        ] as const) {
          const told = halts[second](halts[first](sending().tell(turn)));
          expect(told.state).toMatchObject({ kind: 'draining', halt: strong });
          recorded(told, 0, REFUSED, expired);
          expect(told.state.kind).toBe(ending[strong]);
        }
      });
    }
  }

  test('is complete all the same when its last message ended, unless it is somebody else’s', () => {
    const through = (halt: keyof typeof halts): string => {
      const told = sending().tell(turn).tell(turn).tell(turn);
      recorded(told, 0, SENT);
      recorded(told, 1, SENT);
      return recorded(halts[halt](told), 2, SENT).state.kind;
    };
    expect(through('over')).toBe('completing');
    expect(through('returned')).toBe('completing');
    expect(through('lease-lost')).toBe('completing');
    expect(through('taken')).toBe('abandoned');
  });

  test('while it is read nobody waits for the reading', () => {
    const stopped = new Told().tell(delivered).tell(ours).tell({ kind: 'stop' });
    expect([stopped.state.kind, stopped.asked]).toEqual(['returned', ['stop-reading', 'give-back']]);
    const late = new Told().tell(delivered).tell(ours).tell({ kind: 'lease-lost', taken: false });
    expect([late.state.kind, late.asked]).toEqual(['returned', ['stop-reading', 'give-back']]);
    const lost = new Told().tell(delivered).tell(ours).tell({ kind: 'lease-lost', taken: true });
    expect([lost.state.kind, lost.asked]).toEqual(['abandoned', ['stop-reading']]);
    expect(lost.tell(found()).state.kind).toBe('abandoned');
  });

  test('with a lost connection nothing rests: what is in hand is given back at once, after its calls', () => {
    const lost: BatchEvent = { kind: 'lease-lost', taken: false };
    const atOnce = { kind: 'give-back', deferral: { delayMs: 0, closed: null } };
    for (const untouched of [new Told().tell(delivered), new Told().tell(delivered).tell(ours), sending()]) {
      untouched.tell(lost);
      expect(untouched.state.kind).toBe('returned');
      expect(untouched.commands.at(-1)).toEqual(atOnce);
    }
    const busy = sending().tell(turn).tell(lost);
    expect([busy.state.kind, busy.asked]).toEqual(['draining', []]);
    recorded(busy, 0, SENT);
    expect([busy.state.kind, busy.commands]).toEqual(['returned', [atOnce]]);
  });

  test('the end of what cannot be done is a later try', () => {
    const told = new Told().tell(delivered).tell(ours).tell({ kind: 'failed' });
    expect(told.commands).toEqual([{ kind: 'give-back', deferral: { delayMs: 10_000, closed: null } }]);
  });

  test('what cannot happen is a bug, and says so', () => {
    expect(() => sending().tell(delivered)).toThrow('a batch that is sending cannot be told delivered');
    expect(() => sending().tell({ kind: 'stop' }).tell(turn)).toThrow('cannot be told turn');
  });
});
