import { expect, test } from 'vitest';
import { LoopTurns } from './loop-turns.ts';

/** Turns of the event loop that come when the test says so, and a clock that the test moves. */
function handTurned() {
  let now = 1_000;
  const next: Array<() => void> = [];
  const turns = new LoopTurns(
    () => now,
    (turn) => next.push(turn),
  );
  return {
    turns,
    pass: (ms: number): void => {
      now += ms;
    },
    /** Ends a turn; what it lets go on does so before this resolves. */
    turn: async (): Promise<void> => {
      next.shift()?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
    isScheduled: () => next.length > 0,
  };
}

/** Works for so many steps of 3 ms each, and notes each under its name. */
async function work(
  bed: ReturnType<typeof handTurned>,
  name: string,
  steps: number,
  done: string[],
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await bed.turns.work();
    bed.pass(3);
    done.push(name);
  }
}

test('one piece of work goes on for a slice, then the next has its turn', async () => {
  const bed = handTurned();
  const done: string[] = [];
  void work(bed, 'a', 5, done);
  void work(bed, 'b', 2, done);
  await bed.turn();
  expect(done).toEqual(['a']);
  await bed.turn();
  expect(done).toEqual(['a', 'b']);
  for (let turn = 0; turn < 10; turn++) await bed.turn();
  expect(done.filter((name) => name === 'a')).toHaveLength(5);
  expect(done.filter((name) => name === 'b')).toHaveLength(2);
});

test('who works alone is stopped only when the slice is over', async () => {
  const bed = handTurned();
  const done: string[] = [];
  void work(bed, 'a', 7, done);
  await bed.turn();
  expect(done).toHaveLength(3);
  await bed.turn();
  expect(done).toHaveLength(6);
});

test('a turn that has accepted a connection does nothing else, but not for ever', async () => {
  const bed = handTurned();
  const done: string[] = [];
  void work(bed, 'a', 1, done);
  for (let turn = 0; turn < 256; turn++) {
    bed.turns.noteAccepted();
    await bed.turn();
  }
  expect(done).toEqual([]);
  bed.turns.noteAccepted();
  await bed.turn();
  expect(done).toEqual(['a']);
});

test('what is thrown away is read a few connections a turn, and the loop rests when nothing is left', async () => {
  const bed = handTurned();
  let paused = 0;
  const socket = { pause: () => paused++, resume: () => paused-- };
  for (let count = 0; count < 20; count++) bed.turns.postpone(socket as never);
  const left: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await bed.turn();
    left.push(paused);
  }
  expect(left).toEqual([12, 4, 0]);
  expect(bed.isScheduled()).toBe(false);
});
