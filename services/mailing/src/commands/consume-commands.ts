import {
  COMMAND_CONSUMER,
  COMMANDS_STREAM,
  type Command,
  type CommandResult,
  commandSubjects,
  parseCommand,
  resultSubject,
} from '@herald/contracts';
import { type Delivery, ensureDurable, type Work, WorkQueue } from '@herald/event-log';
import { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { ChunkTurns } from '../import/chunk-turn.ts';
import { type ImportCommand, isImport } from '../import/import-command.ts';
import { DirectoryNotReadyError } from '../queries/current-position.ts';
import { CommandCleanup } from './command-cleanup.ts';
import { findResult } from './command-results.ts';
import { describeResult } from './describe-result.ts';
import { aggregateOf, handleCommand } from './handle-command.ts';
import { KeyedMutex } from './keyed-mutex.ts';

/** How many commands one instance carries out side by side. */
const CONCURRENCY = 64;
/** More are asked for when so many are missing: one request for many, and none of them waits for the rest to be done. */
const REFILL = CONCURRENCY / 2;
const ACK_WAIT_MS = 30_000;
/** The delivery of a command that takes long is renewed each time this is over, milliseconds. */
const RENEW_MS = ACK_WAIT_MS / 3;
/** After a failure of broker or database a command comes again after this, milliseconds. */
const RETRY_MS = 1_000;

/** The commands, taken from the consumer that all instances share. */
export class CommandConsumer {
  readonly #dependencies: Dependencies;
  readonly #mutex = new KeyedMutex();
  readonly #turns: ChunkTurns;
  readonly #cleanup: CommandCleanup;
  readonly #underWay = new Set<Promise<void>>();
  readonly #forget: () => void;
  #queue: WorkQueue | undefined;
  #stopped = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    this.#turns = new ChunkTurns(dependencies);
    this.#cleanup = new CommandCleanup({
      broker: dependencies.runtime.broker,
      log: dependencies.runtime.log,
      isCarriedOut: async (commandId) => (await findResult(dependencies.database, commandId)) !== null,
    });
    this.#forget = dependencies.runtime.broker.onChange((connected) => {
      if (connected && this.#queue !== undefined) this.#listen();
    });
  }

  /** Makes the consumer where it is not there and begins; tries until it works. */
  async start(): Promise<void> {
    while (!this.#stopped) {
      try {
        await ensureDurable(this.#dependencies.runtime.broker, {
          stream: COMMANDS_STREAM,
          name: COMMAND_CONSUMER,
          filter: commandSubjects.all,
          startSequence: 1,
          ackWaitMs: ACK_WAIT_MS,
          maxAckPending: 10_000,
        });
        break;
      } catch (error) {
        this.#dependencies.runtime.log.warn({ err: error }, 'the command consumer cannot be made yet');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#listen();
    this.#cleanup.start();
  }

  /** Pulls anew: what was asked of a server that went away is forgotten there. */
  #listen(): void {
    void this.#queue?.close();
    if (this.#stopped) return;
    this.#queue = new WorkQueue(this.#dependencies.runtime.broker, {
      stream: COMMANDS_STREAM,
      consumer: COMMAND_CONSUMER,
      handle: (work) => this.#take(work),
      lost: (reason) => {
        this.#dependencies.runtime.log.warn({ reason }, 'the command consumer was lost and is made anew');
        setTimeout(() => void this.start(), RETRY_MS / 4);
      },
    });
    this.#fill();
  }

  /** Takes no further commands and waits for those under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forget();
    const queue = this.#queue;
    this.#queue = undefined;
    // First: what is given back is to go to somebody else at once.
    await queue?.close();
    await Promise.all(this.#underWay);
    await this.#cleanup.stop();
  }

  #fill(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    const free = CONCURRENCY - this.#underWay.size;
    // Many that wait for something else must not keep the last free places empty.
    const isDry = free > 0 && queue.outstanding === 0;
    if (isDry || free - queue.outstanding >= REFILL) queue.want(free);
  }

  #take(work: Delivery): void {
    const task = this.#carryOut(work).finally(() => {
      this.#underWay.delete(task);
      this.#fill();
    });
    this.#underWay.add(task);
  }

  async #carryOut(work: Delivery): Promise<void> {
    const { log } = this.#dependencies.runtime;
    const command = this.#read(work);
    if (command === null) return;
    const ids = { commandId: command.id, correlationId: command.correlationid, command: command.type };
    // Others would begin with it too. Where that is not heard the delivery ends, and whoever is late notices.
    const renewing = setInterval(() => void work.renew(RENEW_MS).catch(() => {}), RENEW_MS);
    let begun: ImportCommand | null = null;
    try {
      if (isImport(command)) {
        const turn = await this.#turns.look(command);
        if (turn.kind === 'later') {
          log.debug({ ...ids, reason: turn.reason }, 'a chunk of an import comes again');
          work.giveBack(turn.delayMs);
          return;
        }
        begun = command;
      }
      const result = await this.#mutex.run(aggregateOf(command), () =>
        handleCommand(this.#dependencies, command),
      );
      if (begun !== null) this.#turns.carriedOut(begun);
      this.#announce(result);
      log.info({ ...ids, ...describeResult(result) }, 'command carried out');
      // It is done, and whoever gets it again finds the result: nobody needs to hear that this was heard.
      work.acknowledge();
      this.#cleanup.add(work);
    } catch (error) {
      // A rebuild takes minutes and is told by the fold; each command that waits for it would say so every second.
      const level = error instanceof DirectoryNotReadyError ? 'debug' : 'error';
      log[level]({ err: error, ...ids }, 'a command could not be carried out now and comes again');
      work.giveBack(RETRY_MS);
    } finally {
      clearInterval(renewing);
      if (begun !== null) this.#turns.ended(begun);
    }
  }

  /** What cannot be read is refused and never delivered again: trying once more would not make it readable. */
  #read(work: Work): Command | null {
    try {
      return parseCommand(work.text);
    } catch (error) {
      this.#dependencies.runtime.log.error(
        { err: error, subject: work.subject },
        'a command was not readable',
      );
      const named = identified.safeParse(safeJson(work.text));
      if (named.success) {
        this.#announce({
          commandId: named.data.id,
          fingerprint: named.data.fingerprint,
          outcome: { kind: 'refused', refusal: { code: 'command-malformed', reason: String(error) } },
        });
      }
      work.terminate();
      return null;
    }
  }

  #announce(result: CommandResult): void {
    this.#dependencies.runtime.broker.connection.publish(
      resultSubject(result.commandId),
      JSON.stringify(result),
    );
  }
}

const identified = z.object({ id: z.uuid(), fingerprint: z.string() });

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
