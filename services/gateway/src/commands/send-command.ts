import { type CommandOutcome, type CommandResult, importChunkId } from '@herald/contracts';
import type { GatewayDependencies } from '../http/context.ts';
import { reachBroker } from '../reading/reach-broker.ts';
import { findNote, leaveNote, leaveUnsureNote, subjectOf } from './accepted-note.ts';
import { findStoredResult, PendingResult } from './pending-result.ts';
import { type PlacedCommand, placeCommand } from './place-command.ts';
import { within } from './within.ts';

export interface SentCommand extends PlacedCommand {
  /** Its id comes from an idempotency key: somebody may have sent it before, or something else under that key. */
  readonly keyed: boolean;
  /** Aborts when the sender of the request is gone. */
  readonly signal: AbortSignal;
}

export type CommandAnswer =
  | { readonly kind: 'outcome'; readonly outcome: CommandOutcome }
  /** The idempotency key was used for another request. */
  | { readonly kind: 'key-reused' }
  /** It stands in the log: it will be carried out. */
  | { readonly kind: 'accepted' }
  /** The log has no room: nothing was accepted, and nothing will be. */
  | { readonly kind: 'log-full' }
  /** The log did not acknowledge it in time. It is not sent again, but it may stand there. */
  | { readonly kind: 'acceptance-unknown' };

/**
 * Publishes a command and waits for its result, COMMAND_WAIT_MS in all. It listens before it publishes, so a result
 * cannot pass unheard.
 *
 * @throws BrokerUnavailableError when there is no connection at the start: nothing was accepted
 */
export async function sendCommand(
  dependencies: GatewayDependencies,
  sent: SentCommand,
): Promise<CommandAnswer> {
  const { command, keyed } = sent;
  const startedAt = performance.now();
  const leftMs = (): number => dependencies.commandWaitMs - (performance.now() - startedAt);
  if (keyed && (await isKeyOfImport(dependencies, command.id))) return { kind: 'key-reused' };
  const pending = await reachBroker(
    dependencies.broker,
    async () => new PendingResult(dependencies, command),
  );
  try {
    const result = pending.result.then((value) => ({ kind: 'result' as const, value }));
    // A command is often carried out before its acknowledgement is here.
    const first = await Promise.race([result, placeCommand(dependencies, sent, pending, leftMs())]);
    switch (first.kind) {
      case 'result':
        return readResult(first.value, command.fingerprint);
      case 'full':
        return { kind: 'log-full' };
      case 'unknown':
        await leaveUnsureNote(dependencies, command, sent.subject);
        return { kind: 'acceptance-unknown' };
      case 'placed':
        break;
      default:
        return first satisfies never;
    }
    const waited = await within(result, leftMs(), sent.signal);
    if (waited.kind === 'settled') return readResult(waited.value.value, command.fingerprint);
  } finally {
    pending.close();
  }
  await leaveNote(dependencies, command.id, { kind: 'command', ...subjectOf(command) });
  return { kind: 'accepted' };
}

/** A result under the same id with another fingerprint answers another request. */
export const readResult = (result: CommandResult, fingerprint: string): CommandAnswer =>
  result.fingerprint === fingerprint ? { kind: 'outcome', outcome: result.outcome } : { kind: 'key-reused' };

/**
 * The chunks of an import have ids of their own, so its key would otherwise not be noticed. Its notes go after seven days,
 * and releases up to 8 left none at its begin; its results are kept as long as keys are promised.
 */
async function isKeyOfImport(dependencies: GatewayDependencies, commandId: string): Promise<boolean> {
  const note = await findNote(dependencies.broker, commandId);
  if (note !== null) return note.kind !== 'command';
  const firstChunk = { commandId: importChunkId(commandId, 0), upToDate: false };
  return (await findStoredResult(dependencies, firstChunk)) !== null;
}
