import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { describe, fieldErrors, sendJson, sendNoContent, sendProblem } from '../http/problem.ts';
import type { Routes } from '../http/router.ts';
import type { InFlight } from '../send/in-flight.ts';
import type { JournalEntry } from './entry.ts';
import type { Journal } from './journal.ts';
import { type JournalQuery, journalQuerySchema, pageSizeOf } from './journal-query.ts';

const NDJSON = 'application/x-ndjson';
const LINES_PER_BLOCK = 500;

/** The journal by pages or as one stream, its summary, and forgetting it. */
export function createJournalRoutes(journal: Journal, inFlight: InFlight): Routes {
  return {
    '/journal': {
      GET: (request, response, url) => {
        const parsed = journalQuerySchema.safeParse(Object.fromEntries(url.searchParams));
        if (!parsed.success) {
          const errors = fieldErrors(parsed.error);
          sendProblem(response, 400, describe(errors), errors);
        } else if (request.headers.accept?.includes(NDJSON)) {
          streamEntries(journal, parsed.data, response);
        } else {
          sendJson(response, pageOf(journal, parsed.data));
        }
      },
      DELETE: (_request, response) => {
        journal.forget();
        inFlight.forgetMost();
        sendNoContent(response);
      },
    },
    '/journal/summary': {
      GET: (_request, response) =>
        sendJson(response, { ...journal.summary(), inFlight: inFlight.count, maxInFlight: inFlight.most }),
    },
  };
}

/** `nextAfter` is where the next page goes on; a page with fewer entries than asked for is the last for now. */
function pageOf(journal: Journal, query: JournalQuery): { entries: JournalEntry[]; nextAfter: number } {
  const { messageId = null, after = 0 } = query;
  const limit = pageSizeOf(query);
  const entries = [...journal.walk({ after, messageId, limit })];
  const last = entries.length === limit ? entries.at(-1)?.sequence : undefined;
  return { entries, nextAfter: last ?? Math.max(after, journal.lastSequence) };
}

function streamEntries(journal: Journal, query: JournalQuery, response: ServerResponse): void {
  const { messageId = null, after = 0, limit = Number.POSITIVE_INFINITY } = query;
  const entries = journal.walk({ after, messageId, limit });
  response.writeHead(200, { 'Content-Type': NDJSON });
  pipeline(Readable.from(inBlocks(entries), { objectMode: false }), response, () => {
    // Whoever reads may leave at any time.
  });
}

/** Many lines at once: a write to the socket for each would take longer than making them. */
function* inBlocks(entries: Iterable<JournalEntry>): Generator<string> {
  let lines: string[] = [];
  for (const entry of entries) {
    lines.push(`${JSON.stringify(entry)}\n`);
    if (lines.length < LINES_PER_BLOCK) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}
