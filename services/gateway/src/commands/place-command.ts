import type { Command } from '@herald/contracts';
import type { GatewayDependencies } from '../http/context.ts';
import { BrokerUnavailableError } from '../reading/reach-broker.ts';
import type { PendingResult } from './pending-result.ts';

export interface PlacedCommand {
  readonly subject: string;
  readonly command: Command;
  readonly traceparent: string | undefined;
}

/** Whether a command stands in the log. */
export type Placed =
  /** `fresh` false: it stood there before. */
  | { readonly kind: 'placed'; readonly fresh: boolean }
  /** The log has no room. It does not stand there, and will not. */
  | { readonly kind: 'full' }
  /** The log did not say so in time. It may stand there, now or in a moment; it is not sent again. */
  | { readonly kind: 'unknown' };

/** The log is given so long to acknowledge a command even where whoever waits has less patience, milliseconds. */
const LEAST_ACK_MS = 2_000;

/**
 * Publishes a command once; of a duplicate, which has perhaps been carried out already, the result is looked up.
 *
 * @param withinMs how long that may take, milliseconds
 * @throws BrokerUnavailableError where it never left this process: nothing was accepted; PublishRefusedError
 */
export async function placeCommand(
  dependencies: GatewayDependencies,
  { subject, command, traceparent }: PlacedCommand,
  pending: PendingResult,
  withinMs: number,
): Promise<Placed> {
  const options = { messageId: command.id, traceparent };
  const patience = Math.max(withinMs, LEAST_ACK_MS);
  const offered = await dependencies.writer.offer(subject, JSON.stringify(command), options, patience);
  switch (offered.kind) {
    case 'stored':
      if (offered.duplicate) pending.lookUp();
      return { kind: 'placed', fresh: !offered.duplicate };
    case 'full':
      return { kind: 'full' };
    case 'unanswered':
      if (!offered.sent) throw new BrokerUnavailableError('not connected to the broker');
      return { kind: 'unknown' };
    case 'conflict':
      throw new Error('a command is published under no expectation');
    default:
      return offered satisfies never;
  }
}
