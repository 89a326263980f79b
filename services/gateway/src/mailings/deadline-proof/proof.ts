import { cutRecord, type HeraldEvent, outcomesOf, parseEvent } from '@herald/contracts';
import { z } from '@hono/zod-openapi';
import { type EndInLog, endThatHeld } from './ends-in-log.ts';

const moment = z.string().openapi({ format: 'date-time' });

/** A call that the log holds. */
export const provenCall = z.object({
  messageId: z.int(),
  clientId: z.uuid().nullable(),
  attempt: z.int(),
  startedAt: moment,
  endAt: moment.openapi({ description: 'The end that held when the call began' }),
  marginMs: z.number().openapi({ description: 'From the start to the end; zero or less: after the end' }),
  mailingVersion: z.int().openapi({ description: 'The version of the mailing that the sender worked with' }),
  endPosition: z.int().openapi({ description: 'The event that says so' }),
  position: z.int().openapi({ description: 'The record of the call' }),
  recordedAt: moment.openapi({ description: 'When the broker stored the record' }),
});
type ProvenCall = z.infer<typeof provenCall>;

/** A record, or one outcome in it, that this release cannot read. */
export const unreadableRecord = z.object({
  position: z.int(),
  unreadable: z.string().openapi({ description: 'Why' }),
});

/** The last line. */
export const proofSums = z.object({
  mailing: z.uuid(),
  calls: z.int(),
  afterEnd: z.int().openapi({ description: 'Calls that began at the end or after it: must be 0' }),
  smallestMarginMs: z.number().nullable(),
  unreadable: z
    .int()
    .openapi({ description: 'Records that could not be read: the proof does not speak of them' }),
  fromPosition: z
    .int()
    .nullable()
    .openapi({ description: 'The start of the mailing; null if it never started' }),
  toPosition: z.int().openapi({ description: 'What stands in the log behind it was not looked at' }),
});
type ProofSums = z.infer<typeof proofSums>;

/** A record of the outcomes of one batch, as it was read. */
export interface OutcomeRecord {
  readonly text: string;
  readonly sequence: number;
  /** When the broker stored it, milliseconds since 1970. */
  readonly storedAt: number;
}

/** The client of a message of a batch; null where the batch does not hold it. */
export type ClientOf = (batch: number, messageId: number) => string | null;

/** Judges recorded calls one after another, in the order of the log, and sums up. */
export class DeadlineProof {
  readonly #mailing: string;
  readonly #ends: readonly EndInLog[];
  /** Those that stand before the record that was judged last. */
  #before: readonly EndInLog[] = [];
  #calls = 0;
  #afterEnd = 0;
  #smallestMarginMs: number | null = null;
  #unreadable = 0;

  /** @param ends in the order of the log, the start first; empty where the mailing never started */
  constructor(mailing: string, ends: readonly EndInLog[]) {
    this.#mailing = mailing;
    this.#ends = ends;
  }

  /** The lines of one record: one for each call, whether it stands there alone or in a group. */
  linesOf(record: OutcomeRecord, clientOf: ClientOf): string {
    this.#pass(record.sequence);
    return this.#read(record, record.text)
      .flatMap((event) => this.#callsOf(event, record, clientOf))
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('');
  }

  /** The last line. @param toPosition up to where the log was read */
  sums(toPosition: number): string {
    const sums: ProofSums = {
      mailing: this.#mailing,
      calls: this.#calls,
      afterEnd: this.#afterEnd,
      smallestMarginMs: this.#smallestMarginMs,
      unreadable: this.#unreadable,
      fromPosition: this.#ends[0]?.position ?? null,
      toPosition,
    };
    return `${JSON.stringify(sums)}\n`;
  }

  /** Records come in the order of the log: each state is passed once, and those behind a record are not looked at. */
  #pass(position: number): void {
    let count = this.#before.length;
    while ((this.#ends[count]?.position ?? Number.POSITIVE_INFINITY) < position) count += 1;
    if (count > this.#before.length) this.#before = this.#ends.slice(0, count);
  }

  /** One outcome that cannot be read takes none of its group along, and is not passed over. */
  #read(record: OutcomeRecord, text: string): (HeraldEvent | z.infer<typeof unreadableRecord>)[] {
    try {
      return [parseEvent(text)];
    } catch (error) {
      const alone = cutRecord(text);
      if (alone.length > 0) return alone.flatMap((one) => this.#read(record, one));
      this.#unreadable += 1;
      return [{ position: record.sequence, unreadable: String(error).slice(0, 200) }];
    }
  }

  #callsOf(
    event: HeraldEvent | z.infer<typeof unreadableRecord>,
    { sequence, storedAt }: OutcomeRecord,
    clientOf: ClientOf,
  ): readonly object[] {
    if ('unreadable' in event) return [event];
    return outcomesOf(event).flatMap(({ outcome: { data } }): ProvenCall[] => {
      // What was decided without a call, or of a call of which nobody knows when it began.
      if (!('call' in data) || data.call === null) return [];
      const startedAt = Date.parse(data.call.startedAt);
      const held = endThatHeld(this.#before, { startedAt, version: data.mailingVersion });
      const marginMs = held.endAt - startedAt;
      this.#count(marginMs);
      return [
        {
          messageId: data.messageId,
          clientId: clientOf(data.batch, data.messageId),
          attempt: data.attempt,
          startedAt: new Date(startedAt).toISOString(),
          endAt: new Date(held.endAt).toISOString(),
          marginMs,
          mailingVersion: data.mailingVersion,
          endPosition: held.position,
          position: sequence,
          recordedAt: new Date(storedAt).toISOString(),
        },
      ];
    });
  }

  #count(marginMs: number): void {
    this.#calls += 1;
    if (marginMs <= 0) this.#afterEnd += 1;
    this.#smallestMarginMs = Math.min(this.#smallestMarginMs ?? marginMs, marginMs);
  }
}
