import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { EventStream } from './event-stream.ts';
import type { Snapshot } from './snapshot.ts';

/** The part of an answer that a stream uses. */
class Outgoing extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  hasRoom = true;
  readonly written: string[] = [];
  write(bytes: Buffer): boolean {
    this.written.push(String(bytes));
    return this.hasRoom;
  }
  end(bytes = ''): void {
    this.written.push(String(bytes));
    this.writableEnded = true;
  }
}

const snapshot = (id: string, isOver = false): Snapshot => ({
  id,
  event: Buffer.from(id),
  status: 'completed',
  isOver,
});

function bed(seen?: string) {
  const outgoing = new Outgoing();
  const state = { now: 0, newest: snapshot('a'), rooms: 0 };
  const stream = new EventStream({
    outgoing: outgoing as unknown as ServerResponse,
    newest: () => state.newest,
    seen,
    endsAt: 60_000,
    heartbeatMs: 15_000,
    betweenMs: 100,
    onRoom: () => {
      state.rooms += 1;
    },
    now: () => state.now,
  });
  return { outgoing, state, stream };
}

test('events lie at least so far apart; meanwhile there is one to be written later', () => {
  const { state, stream } = bed();
  expect(stream.isDue).toBe(true);
  stream.write();
  state.newest = snapshot('b');
  state.now = 99;
  expect([stream.isDue, stream.isPending]).toEqual([false, true]);
  state.now = 100;
  expect(stream.isDue).toBe(true);
});

test('without news a heartbeat is due after a while', () => {
  const { outgoing, state, stream } = bed('a');
  stream.write();
  expect([stream.isDue, stream.isPending]).toEqual([false, false]);
  state.now = 15_000;
  expect([stream.isDue, stream.isPending]).toEqual([true, false]);
  stream.write();
  expect(outgoing.written).toEqual([':\n\n', ':\n\n']);
});

test('whoever takes nothing is written nothing, and then what is newest', () => {
  const { outgoing, state, stream } = bed();
  outgoing.hasRoom = false;
  stream.write();
  for (const id of ['b', 'c', 'd']) state.newest = snapshot(id);
  state.now = 30_000;
  expect([stream.isDue, stream.isPending]).toEqual([false, false]);
  outgoing.emit('drain');
  expect(state.rooms).toBe(1);
  expect(stream.isDue).toBe(true);
  stream.write();
  expect(outgoing.written).toEqual(['a', 'd']);
});

test('the end is told once, also to who has seen the last statistics', () => {
  const { outgoing, state, stream } = bed('z');
  state.newest = snapshot('z', true);
  expect(stream.isDue).toBe(true);
  stream.write();
  expect(outgoing.written.at(-1)).toBe('event: end\ndata: {"status":"completed"}\n\n');
  expect([stream.isDue, stream.isPending]).toEqual([false, false]);
  stream.end();
  expect(outgoing.written).toHaveLength(2);
});
