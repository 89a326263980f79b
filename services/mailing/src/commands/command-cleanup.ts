import { COMMAND_CONSUMER, COMMANDS_STREAM, commandSubjects, parseCommand } from '@herald/contracts';
import type { Broker, Work } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';

/** So many commands, or so many characters of them, are deleted without waiting for more: bulky ones hardly wait. */
const GROUP = 50;
const GROUP_CHARACTERS = 65_536;
/** A command stays in the stream no longer than this for others to be deleted with it, milliseconds. */
const GROUP_MS = 1_000;
/** How often it is looked for what was left behind, milliseconds. */
const SWEEP_MS = 60 * 60 * 1_000;

/** What tests set. */
interface CleanupOptions {
  readonly groupMs?: number;
}

/**
 * Deletes commands whose result is stored and whose delivery is acknowledged: in groups, so that one write after another
 * does not wait behind the deletion of the former. What a crash, or a failure, leaves behind is swept at a start and each
 * hour: all that stands at or below the position up to which the consumer's deliveries are acknowledged.
 *
 * Each message is deleted alone: a purge makes servers before 2.10 forget every delivery that is under way
 * (docs/adr/0026-full-store.md).
 */
export class CommandCleanup {
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #groupMs: number;
  readonly #underWay = new Set<Promise<void>>();
  #group: number[] = [];
  #groupCharacters = 0;
  #groupTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(broker: Broker, log: Logger, { groupMs = GROUP_MS }: CleanupOptions = {}) {
    this.#broker = broker;
    this.#log = log;
    this.#groupMs = groupMs;
  }

  /** Sweeps now and each hour, until it is stopped. To be called whenever the consumer was made. */
  start(): void {
    if (this.#stopped) return;
    clearInterval(this.#sweepTimer);
    const sweep = (): void => this.#follow(this.sweep());
    this.#sweepTimer = setInterval(sweep, SWEEP_MS);
    sweep();
  }

  /** Takes a command that is acknowledged, to delete it soon. */
  add({ sequence, text }: Pick<Work, 'sequence' | 'text'>): void {
    this.#group.push(sequence);
    this.#groupCharacters += text.length;
    if (this.#group.length >= GROUP || this.#groupCharacters >= GROUP_CHARACTERS) this.#flush();
    else this.#groupTimer ??= setTimeout(() => this.#flush(), this.#groupMs);
  }

  /** Deletes what waits, and ends. Without a connection it stays for the next sweep. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweepTimer);
    this.#flush();
    await Promise.all(this.#underWay);
  }

  /** Deletes all commands that are acknowledged. What could not be read stays for whoever looks into it. */
  async sweep(): Promise<void> {
    const { streams, consumers } = this.#broker.manager;
    try {
      const { ack_floor: acknowledged } = await consumers.info(COMMANDS_STREAM, COMMAND_CONSUMER);
      let position = 1;
      while (!this.#stopped) {
        const query = { seq: position, next_by_subj: commandSubjects.all };
        const found = await streams.getMessage(COMMANDS_STREAM, query);
        if (found === null || found.seq > acknowledged.stream_seq) return;
        // It fails where another instance that sweeps has deleted it; where the broker is gone the next look fails too.
        if (isReadable(found.string())) await this.#delete(found.seq).catch(() => {});
        position = found.seq + 1;
      }
    } catch (error) {
      this.#log.debug(
        { err: error },
        'commands that were carried out stay in the stream until the next sweep',
      );
    }
  }

  #flush(): void {
    clearTimeout(this.#groupTimer);
    this.#groupTimer = undefined;
    const group = this.#group;
    this.#group = [];
    this.#groupCharacters = 0;
    if (group.length > 0 && this.#broker.isConnected()) this.#follow(this.#deleteAll(group));
  }

  async #deleteAll(group: readonly number[]): Promise<void> {
    const results = await Promise.allSettled(group.map((sequence) => this.#delete(sequence)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    this.#log.debug(
      { err: failed.reason },
      'commands that were carried out stay in the stream until the next sweep',
    );
  }

  async #delete(sequence: number): Promise<void> {
    await this.#broker.manager.streams.deleteMessage(COMMANDS_STREAM, sequence, false);
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }
}

function isReadable(text: string): boolean {
  try {
    parseCommand(text);
    return true;
  } catch {
    return false;
  }
}
