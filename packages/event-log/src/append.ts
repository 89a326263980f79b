import type { HeraldEvent } from '@herald/contracts';
import type { Broker } from './connection.ts';
import { type LastEvent, loadLast } from './load.ts';
import type { LogWriter } from './writer.ts';

export type AppendResult =
  | { readonly kind: 'appended'; readonly sequence: number }
  /** Somebody else appended first: load and decide again. */
  | { readonly kind: 'conflict' };

/**
 * Appends an event where the last sequence on its subject is still the expected one (0: no event yet). A conflict
 * after a repeated publish is looked into: it may be our own first attempt that landed.
 *
 * @throws PublishRefusedError when the log will never take it
 */
export async function appendExpecting(
  broker: Broker,
  writer: LogWriter,
  subject: string,
  event: HeraldEvent,
  expectedLastSequence: number,
): Promise<AppendResult> {
  const result = await writer.publish(subject, JSON.stringify(event), { expectedLastSequence });
  if (result.kind === 'stored') return { kind: 'appended', sequence: result.sequence };
  if (result.retried) {
    const last = await loadLast(broker, subject);
    if (last?.event.id === event.id) return { kind: 'appended', sequence: last.sequence };
  }
  return { kind: 'conflict' };
}

/** What {@link appendDecided} came to: the event that was appended, if one was due, and the subject's last position. */
export interface Decided {
  readonly appended: HeraldEvent | null;
  readonly sequence: number;
}

/**
 * Appends what a decision makes of a subject's last event; where somebody else appends first, it decides again on what
 * stands there then.
 *
 * @param decide answers null where nothing is due (any more)
 */
export async function appendDecided(
  broker: Broker,
  writer: LogWriter,
  subject: string,
  decide: (last: LastEvent | null) => HeraldEvent | null,
): Promise<Decided> {
  for (;;) {
    const last = await loadLast(broker, subject);
    const expected = last?.sequence ?? 0;
    const event = decide(last);
    if (event === null) return { appended: null, sequence: expected };
    const result = await appendExpecting(broker, writer, subject, event, expected);
    if (result.kind === 'appended') return { appended: event, sequence: result.sequence };
  }
}
