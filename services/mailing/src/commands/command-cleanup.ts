import { setTimeout as sleep } from 'node:timers/promises';
import {
  COMMAND_CONSUMER,
  COMMANDS_STREAM,
  type Command,
  commandSubjects,
  parseCommand,
} from '@herald/contracts';
import { type Broker, MessageDeleter, type Work } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';

/** So many commands, or so many characters of them, are deleted without waiting for more: bulky ones hardly wait. */
const GROUP = 50;
const GROUP_CHARACTERS = 65_536;
/** A command stays in the stream no longer than this for others to be deleted with it, milliseconds. */
const GROUP_MS = 1_000;
/** How often it is looked for what was left behind, milliseconds. */
const SWEEP_MS = 60 * 60 * 1_000;
/** So long the answers of a group are waited for, milliseconds; what is not deleted then stays for the next sweep. */
const ANSWER_MS = 5_000;
/** A broker that is silent is waited for until the request ends; a stop has no time for that. Milliseconds. */
const STOP_MS = 1_000;

interface CleanupOptions {
  readonly broker: Broker;
  readonly log: Logger;
  /** Whether the result of a command is stored. */
  readonly isCarriedOut: (commandId: string) => Promise<boolean>;
  /** Set by tests. */
  readonly groupMs?: number;
}

/**
 * Deletes commands whose result is stored and whose delivery is acknowledged: in groups, so that one write after another
 * does not wait behind the deletion of the former. What a crash, or a failure, leaves behind is swept at a start and each
 * hour: what stands at or below the position up to which the consumer's deliveries are acknowledged and has its result. The
 * position alone is not enough: it moves over what was given up as unreadable, and in servers before 2.10 it may stand
 * above the end of a stream that has lost its tail.
 *
 * Each message is deleted alone: a purge makes servers before 2.10 forget every delivery that is under way
 * (docs/adr/0026-full-store.md).
 */
export class CommandCleanup {
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #isCarriedOut: (commandId: string) => Promise<boolean>;
  readonly #deleter: MessageDeleter;
  readonly #groupMs: number;
  readonly #underWay = new Set<Promise<void>>();
  #group: number[] = [];
  #groupCharacters = 0;
  #groupTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor({ broker, log, isCarriedOut, groupMs = GROUP_MS }: CleanupOptions) {
    this.#broker = broker;
    this.#log = log;
    this.#isCarriedOut = isCarriedOut;
    this.#deleter = new MessageDeleter(broker, COMMANDS_STREAM);
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

  /** Deletes what waits, and ends, within a second. What is not deleted then stays for the next sweep. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweepTimer);
    this.#flush();
    await Promise.race([Promise.all(this.#underWay), sleep(STOP_MS, undefined, { ref: false })]);
    this.#deleter.close();
  }

  /** Deletes all commands that are acknowledged and carried out. The rest stays for whoever looks into it. */
  async sweep(): Promise<void> {
    const { streams, consumers } = this.#broker.manager;
    try {
      const { ack_floor: acknowledged } = await consumers.info(COMMANDS_STREAM, COMMAND_CONSUMER);
      let position = 1;
      while (!this.#stopped) {
        const query = { seq: position, next_by_subj: commandSubjects.all };
        const found = await streams.getMessage(COMMANDS_STREAM, query);
        if (found === null || found.seq > acknowledged.stream_seq) return;
        const command = readOrNull(found.string());
        if (command !== null && (await this.#isCarriedOut(command.id))) {
          // It fails where another instance that sweeps has deleted it; where the broker is gone the next look fails too.
          await this.#deleter.delete([found.seq], ANSWER_MS);
        }
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
    const failed = await this.#deleter.delete(group, ANSWER_MS);
    if (failed === 0) return;
    this.#log.debug({ failed }, 'commands that were carried out stay in the stream until the next sweep');
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }
}

function readOrNull(text: string): Command | null {
  try {
    return parseCommand(text);
  } catch {
    return null;
  }
}
