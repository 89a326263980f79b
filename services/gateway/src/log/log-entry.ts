import { cutRecord, type HeraldEvent, instant, NewerEventError, parseEvent } from '@herald/contracts';
import type { LogRecord } from '@herald/event-log';
import { z } from '@hono/zod-openapi';

/** An event of the log as people and programs are shown it: who did what, when. */
export const logEntry = z
  .object({
    position: z.int().openapi({ description: 'Where it stands in the log' }),
    at: z.string().openapi({ format: 'date-time' }),
    type: z.string().nullable().openapi({
      description: 'Null where not even that can be read',
      example: 'MailingPaused',
    }),
    actor: z.string().nullable().openapi({
      description: 'Who asked for it; null where the clock or the delivery did it, or nobody is known',
    }),
    correlationId: z.string().nullable().openapi({ description: 'Of the request that led to it' }),
    data: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'What the event says, without what only services need' }),
    unreadable: z.enum(['newer', 'damaged', 'partly']).optional().openapi({
      description:
        '`newer`: only a newer release can read it. `damaged`: nobody can. `partly`: outcomes that are damaged are left out of `data`',
    }),
  })
  .openapi('LogEntry');
export type LogEntry = z.infer<typeof logEntry>;

/** Shows a record. What cannot be read is shown as far as it can be, and hides nothing else. */
export function entryOf(record: LogRecord): LogEntry {
  try {
    return shown(record, parseEvent(record.text));
  } catch (error) {
    return partly(record) ?? unreadable(record, error instanceof NewerEventError ? 'newer' : 'damaged');
  }
}

function shown({ sequence }: LogRecord, { type, time, actor, correlationid, data }: HeraldEvent): LogEntry {
  // Machinery: by them a service knows commands that it has carried out.
  const { recentCommands: _, ...said } = { recentCommands: [], ...data };
  return {
    position: sequence,
    at: time,
    type,
    actor: actor ?? null,
    correlationId: correlationid,
    data: said,
  };
}

/** The outcomes of a record that can be read; nothing where none can, or it holds no outcomes. */
function partly(record: LogRecord): LogEntry | null {
  const events = cutRecord(record.text).flatMap(readable);
  const [first] = events;
  if (first === undefined) return null;
  const outcomes = events.flatMap(({ data }) => ('outcomes' in data ? data.outcomes : []));
  const entry = shown(record, first);
  return { ...entry, data: { ...entry.data, outcomes }, unreadable: 'partly' };
}

function readable(text: string): HeraldEvent[] {
  try {
    return [parseEvent(text)];
  } catch {
    // Told by `unreadable`.
    return [];
  }
}

/** Whatever of the envelope is what it should be. */
const envelopePart = z.object({
  type: z.string().nullable().catch(null),
  time: instant.nullable().catch(null),
  actor: z.string().nullable().catch(null),
  correlationid: z.string().nullable().catch(null),
});

function unreadable(
  { sequence, storedAt, text }: LogRecord,
  why: NonNullable<LogEntry['unreadable']>,
): LogEntry {
  const part = envelopePart.safeParse(jsonOf(text)).data;
  return {
    position: sequence,
    at: part?.time ?? new Date(Math.floor(storedAt)).toISOString(),
    type: part?.type ?? null,
    actor: part?.actor ?? null,
    correlationId: part?.correlationid ?? null,
    data: null,
    unreadable: why,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
