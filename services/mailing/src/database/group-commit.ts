import { answeredWithin, mayLieInRows } from '@herald/postgres';
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** How many items one group holds at most. */
const MOST = 256;
/**
 * A group that is not answered in time has failed, milliseconds: everybody waits behind it, and its statements are short. Its
 * connection may be dead; whoever asked comes again.
 */
const ANSWERED_WITHIN_MS = 10_000;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Works on a group; answers in its order. Where it throws, nothing of the group was done. */
export type GroupWork<Item, Answer> = (items: readonly Item[]) => Promise<readonly Answer[]>;

/**
 * Group commit without a timer: what waits is worked on together. While one group is under way the next one gathers; what
 * comes alone is worked on alone and at once.
 */
export class GroupCommit<Item, Answer> {
  readonly #work: GroupWork<Item, Answer>;
  readonly #isOfItem: (error: unknown) => boolean;
  #waiting: Array<Waiting<Item, Answer>> = [];
  #isWorking = false;

  /** @param isOfItem whether an error may lie in one item: then each is tried alone, and those that fail again have failed */
  constructor(work: GroupWork<Item, Answer>, isOfItem: (error: unknown) => boolean = mayLieInRows) {
    this.#work = work;
    this.#isOfItem = isOfItem;
  }

  /** @throws what the work of this item, or of its whole group, throws */
  run(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isWorking) return;
      this.#isWorking = true;
      // What was read from the socket together is still being handed out in this turn of the event loop.
      setImmediate(() => void this.#workWhileAsked());
    });
  }

  async #workWhileAsked(): Promise<void> {
    while (this.#waiting.length > 0) await this.#workOn(this.#waiting.splice(0, MOST));
    this.#isWorking = false;
  }

  async #workOn(group: ReadonlyArray<Waiting<Item, Answer>>): Promise<void> {
    try {
      const answers = await this.#work(group.map(({ item }) => item));
      if (answers.length !== group.length)
        throw new Error(`${answers.length} answers to ${group.length} items`);
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      if (group.length === 1 || !this.#isOfItem(error)) {
        for (const { reject } of group) reject(error);
      } else {
        // Nobody waits for them but who asked: the next group begins at once.
        for (const waiting of group) void this.#workOn([waiting]);
      }
    }
  }
}

/** The group of each database that some work is done on. */
export function groupedByDatabase<Item, Answer>(
  work: (database: Kysely<Tables>, items: readonly Item[]) => Promise<readonly Answer[]>,
): (database: Kysely<Tables>, item: Item) => Promise<Answer> {
  const groups = new WeakMap<Kysely<Tables>, GroupCommit<Item, Answer>>();
  return (database, item) => {
    let group = groups.get(database);
    if (group === undefined) {
      group = new GroupCommit((items) => answeredWithin(ANSWERED_WITHIN_MS, () => work(database, items)));
      groups.set(database, group);
    }
    return group.run(item);
  };
}
