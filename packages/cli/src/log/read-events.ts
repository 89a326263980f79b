import type { Query } from '../api/http-call.ts';
import { outlast } from '../api/outlast.ts';
import type { Context } from '../context.ts';
import { noteTrouble } from '../output/note-trouble.ts';
import { type LogEvent, logPage } from './event.ts';

/** How far a log has been read. */
export type Tail = {
  readonly path: string;
  /** Whether it is the log as a whole: it can be entered at any position, and is too long to be walked from its begin. */
  readonly isWhole: boolean;
  /** Where the last page of one mailing or client began: it grows, and is asked for again. */
  cursor: string | undefined;
  /** Of the last event that was read. */
  position: number;
};

const PAGE = 1_000;
const PATIENCE_MS = 600_000;

/**
 * What stands in the log behind the tail, and moves the tail. Pages are in the order of the log.
 * @param most of more than these only the last ones are answered; for the first look
 */
export async function readNewEvents(
  { api, signal, output }: Context,
  tail: Tail,
  most?: number,
): Promise<readonly LogEvent[]> {
  const isBegun = most === undefined;
  const events: LogEvent[] = [];
  for (let isMore = true; isMore; ) {
    const { items, nextCursor } = await outlast(() => api.get(tail.path, logPage, queryOf(tail, most)), {
      ...{ signal, patienceMs: PATIENCE_MS, alsoRefused: isBegun },
      onTrouble: noteTrouble(output),
    });
    for (const event of items) {
      if (event.position <= tail.position) continue;
      tail.position = event.position;
      events.push(event);
      if (most !== undefined && events.length > most) events.shift();
    }
    isMore = nextCursor !== null;
    if (nextCursor !== null) tail.cursor = nextCursor;
  }
  return events;
}

function queryOf({ isWhole, cursor, position }: Tail, most: number | undefined): Query {
  if (!isWhole) return { limit: PAGE, cursor };
  return most === undefined ? { limit: PAGE, after: position } : { last: most };
}
