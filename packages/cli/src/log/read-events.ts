import { outlast } from '../api/outlast.ts';
import type { Context } from '../context.ts';
import { type LogEvent, logPage } from './event.ts';

/** How far a log has been read. */
export type Tail = {
  readonly path: string;
  /** Where the last page began: it grows, and is asked for again. */
  cursor: string | undefined;
  /** Of the last event that was read. */
  position: number;
};

const PAGE = 1_000;
const PATIENCE_MS = 600_000;

/**
 * What stands in the log behind the tail, and moves the tail. Pages are in the order of the log.
 * @param most of more than these only the last ones are answered
 */
export async function readNewEvents(
  { api, signal, output }: Context,
  tail: Tail,
  most: number,
): Promise<readonly LogEvent[]> {
  const isBegun = tail.position > 0;
  const events: LogEvent[] = [];
  for (;;) {
    const query = { limit: PAGE, cursor: tail.cursor };
    const { items, nextCursor } = await outlast(() => api.get(tail.path, logPage, query), {
      ...{ signal, patienceMs: PATIENCE_MS, alsoRefused: isBegun },
      onTrouble: (reason) => output.note(`${reason} Trying again…`),
    });
    for (const event of items) {
      if (event.position <= tail.position) continue;
      tail.position = event.position;
      events.push(event);
      if (events.length > most) events.shift();
    }
    if (nextCursor === null) return events;
    tail.cursor = nextCursor;
  }
}
