import {
  COMMAND_CONSUMER,
  COMMANDS_STREAM,
  type Command,
  type CommandOutcome,
  type CommandResult,
  commandQuery,
  commandSubjects,
  parseCommand,
  resultSubject,
} from '@herald/contracts';
import { ensureDurable, WorkQueue } from '@herald/event-log';
import { type Runtime, serveQuery } from '@herald/service-kit';

/** What the played service makes of a command; `null` leaves it lying, as a service does that is away. */
export type Play = (command: Command) => CommandOutcome | null;

/**
 * The other side of the gateway's protocol: takes commands from the stream, keeps results, announces them, and answers
 * what became of a command.
 */
export class PlayedMailing {
  /** Every delivery, in order. */
  readonly received: Command[] = [];
  /** The questions about commands, in order. */
  readonly asked: unknown[] = [];
  readonly results = new Map<string, CommandResult>();
  play: Play = () => null;
  /** How long a result takes, milliseconds. */
  delayMs = 0;
  /** Leaves questions unanswered, as a process does that stands still. */
  hangs = false;
  /** So many questions fail from now on, as while a directory is behind its log. */
  failures = 0;
  readonly #runtime: Runtime;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  async start(): Promise<void> {
    const { broker, log } = this.#runtime;
    await ensureDurable(broker, {
      stream: COMMANDS_STREAM,
      name: COMMAND_CONSUMER,
      filter: commandSubjects.all,
      startSequence: 1,
      ackWaitMs: 60_000,
      maxAckPending: 10_000,
    });
    const queue = new WorkQueue(broker, {
      stream: COMMANDS_STREAM,
      consumer: COMMAND_CONSUMER,
      lost: () => {},
      handle: (work) => {
        queue.want(100);
        work.terminate();
        this.#carryOut(parseCommand(work.text));
      },
    });
    queue.want(100);
    serveQuery(broker, log, commandQuery, async (question) => {
      this.asked.push(question);
      if (this.hangs) await new Promise(() => {});
      if (this.failures > 0) {
        this.failures -= 1;
        throw new Error('the directory is behind');
      }
      return { result: this.results.get(question.commandId) ?? null };
    });
    // Whoever asks has a connection of its own, and must not be faster than this.
    await broker.connection.flush();
  }

  /** Announces what is stored, or stores it first. */
  announce(command: Command, outcome: CommandOutcome): void {
    const stored = this.results.get(command.id);
    const result = stored ?? { commandId: command.id, fingerprint: command.fingerprint, outcome };
    this.results.set(command.id, result);
    this.#runtime.broker.connection.publish(resultSubject(command.id), JSON.stringify(result));
  }

  #carryOut(command: Command): void {
    this.received.push(command);
    const outcome = this.play(command);
    if (outcome === null) return;
    if (this.delayMs === 0) this.announce(command, outcome);
    else setTimeout(() => this.announce(command, outcome), this.delayMs);
  }
}
