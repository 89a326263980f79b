import { type RecordStore, RecordsUnavailableError } from '@herald/event-log';
import type { z } from 'zod';

/** What a decision about a record comes to. */
export interface Change<Value, Outcome> {
  /** What is to stand there; `null` leaves it as it is. */
  readonly write: Value | null;
  /** What this means for us, once it stands there. */
  readonly outcome: Outcome;
}

/** Where shared records stand. */
export type SharedStore = Pick<RecordStore, 'read' | 'replace'>;

/** Each lost race means that another sender has won one: this many in a row are bad luck beyond belief. */
const MOST_TRIES = 20;

/** One record that several senders change: read, decide, replace if nobody was faster, else decide again. */
export class SharedRecord<Schema extends z.ZodType> {
  readonly #coordination: SharedStore;
  readonly #subject: string;
  readonly #schema: Schema;
  #known: { readonly sequence: number; readonly value: z.infer<Schema> | null } | null = null;

  constructor(coordination: SharedStore, subject: string, schema: Schema) {
    this.#coordination = coordination;
    this.#subject = subject;
    this.#schema = schema;
  }

  /** What we know may be of another life of the broker. */
  forget(): void {
    this.#known = null;
  }

  /**
   * @param decide gets the record, `null` where there is none; called again when somebody else was first
   * @param isOurs true where nobody else is expected to have changed it since we did, which saves the reading
   * @throws RecordsUnavailableError: whether it was replaced is not known; ZodError or SyntaxError for a record that
   *   cannot be read
   */
  async update<Outcome>(
    decide: (value: z.infer<Schema> | null) => Change<z.infer<Schema>, Outcome>,
    isOurs: (value: z.infer<Schema>) => boolean,
  ): Promise<Outcome> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { sequence, value } = this.#known ?? (await this.#read());
      this.#known = null;
      const { write, outcome } = decide(value);
      if (write === null) return outcome;
      const written = await this.#coordination.replace(this.#subject, JSON.stringify(write), sequence);
      if (written === null) continue;
      if (isOurs(write)) this.#known = { sequence: written, value: write };
      return outcome;
    }
    throw new RecordsUnavailableError(`${this.#subject} was always changed by somebody else`);
  }

  async #read(): Promise<{ sequence: number; value: z.infer<Schema> | null }> {
    const found = await this.#coordination.read(this.#subject);
    if (found === null) return { sequence: 0, value: null };
    return { sequence: found.sequence, value: this.#schema.parse(JSON.parse(found.text)) };
  }
}
