import {
  COMMANDS_STREAM,
  type Command,
  type CommandOutcome,
  type CommandResult,
  commandSubjects,
} from '@herald/contracts';
import { loadLastMessage } from '@herald/event-log';
import type { GatewayParts } from '../http/context.ts';
import { reachBroker } from '../reading/reach-broker.ts';
import { leaveNote } from './accepted-note.ts';
import { PendingResult } from './pending-result.ts';
import { within } from './within.ts';

export interface SentCommand {
  readonly subject: string;
  readonly command: Command;
  /** Its id comes from an idempotency key: somebody may have sent it before, or something else under that key. */
  readonly keyed: boolean;
  readonly traceparent: string | undefined;
  /** Aborts when the sender of the request is gone. */
  readonly signal: AbortSignal;
}

export type CommandAnswer =
  | { readonly kind: 'outcome'; readonly outcome: CommandOutcome }
  /** The idempotency key was used for another request. */
  | { readonly kind: 'key-reused' }
  /** In the stream, or on its way: it will be carried out. */
  | { readonly kind: 'accepted' };

/**
 * Publishes a command and waits for its result, COMMAND_WAIT_MS in all. It listens before it publishes, so a result
 * cannot pass unheard.
 *
 * @throws BrokerUnavailableError when there is no connection at the start: nothing was accepted
 */
export async function sendCommand(parts: GatewayParts, sent: SentCommand): Promise<CommandAnswer> {
  const { command, keyed } = sent;
  const startedAt = performance.now();
  if (keyed && (await isKeyOfImport(parts, command.id))) return { kind: 'key-reused' };
  const pending = await reachBroker(parts.broker, async () => new PendingResult(parts, command.id));
  try {
    void place(parts, sent, pending);
    const left = parts.commandWaitMs - (performance.now() - startedAt);
    const waited = await within(pending.result, left, sent.signal);
    if (waited.kind === 'settled') return readResult(waited.value, command.fingerprint);
  } finally {
    pending.close();
  }
  await leaveNote(parts, command.id, { kind: 'command' });
  return { kind: 'accepted' };
}

/**
 * Publishes a command once, however long it takes; a duplicate has perhaps been carried out already.
 *
 * @returns true when it was new, false when it stood there before or could not be placed (the result fails then)
 */
export function place(
  parts: GatewayParts,
  { subject, command, traceparent }: Pick<SentCommand, 'subject' | 'command' | 'traceparent'>,
  pending: PendingResult,
): Promise<boolean> {
  const publishing = parts.writer.publish(subject, JSON.stringify(command), {
    messageId: command.id,
    traceparent,
  });
  return publishing.then(
    (published) => {
      const fresh = published.kind === 'stored' && !published.duplicate;
      if (!fresh) pending.lookUp();
      return fresh;
    },
    (error) => {
      pending.fail(error);
      return false;
    },
  );
}

/** A result under the same id with another fingerprint answers another request. */
export const readResult = (result: CommandResult, fingerprint: string): CommandAnswer =>
  result.fingerprint === fingerprint ? { kind: 'outcome', outcome: result.outcome } : { kind: 'key-reused' };

/** The chunks of an import have ids of their own, so its key would otherwise not be noticed. */
async function isKeyOfImport(parts: GatewayParts, commandId: string): Promise<boolean> {
  const { broker } = parts;
  const subject = commandSubjects.import(commandId);
  return (await reachBroker(broker, () => loadLastMessage(broker, COMMANDS_STREAM, subject))) !== null;
}
