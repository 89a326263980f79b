import { type CommandBody, deriveId, makeCommand, newId, type Provenance } from '@herald/contracts';
import { type GatewayContext, type GatewayDependencies, noteAbout } from '../http/context.ts';
import { traceparentFrom } from '../http/correlation.ts';
import type { WriteHeaders } from '../schemas/headers.ts';
import { answerCommand } from './answer-command.ts';
import { answerUnlessThere, type Subject } from './answer-unless-there.ts';
import { fingerprintOf } from './fingerprint.ts';
import { sendCommand } from './send-command.ts';

export interface Order {
  readonly headers: WriteHeaders;
  /** What was asked, as it was checked: part of the fingerprint. */
  readonly asked?: unknown;
  /** Where the command stands and what it says; both may hold ids that derive from its own. */
  readonly command: (commandId: string) => { readonly subject: string; readonly body: CommandBody };
  /** The call makes something new. */
  readonly created?: boolean;
  /** What the call is about, where that must be there already. */
  readonly about?: Subject;
}

/** The id of a command: derived from the idempotency key, so that a repeat is the same command, or a new one. */
export const commandIdFor = (idempotencyKey: string | undefined): string =>
  idempotencyKey === undefined ? newId() : deriveId('command', idempotencyKey);

/** Where a command of this request comes from. */
export const provenanceOf = (context: GatewayContext): Provenance => ({
  source: 'gateway',
  correlationId: context.get('correlationId'),
});

/** Makes a command of a request, sends it, and answers what came of it. */
export async function carryOut(
  context: GatewayContext,
  dependencies: GatewayDependencies,
  order: Order,
): Promise<Response> {
  const key = order.headers['Idempotency-Key'];
  const id = commandIdFor(key);
  noteAbout(context, { commandId: id });
  const fingerprint = fingerprintOf({
    method: context.req.method,
    path: context.req.path,
    ifMatch: order.headers['If-Match'],
    body: order.asked,
  });
  if (order.about !== undefined) {
    const known = await answerUnlessThere(
      dependencies,
      order.about,
      id,
      key === undefined ? null : fingerprint,
    );
    if (known !== null) return answerCommand(known, id, false);
  }
  const { subject, body } = order.command(id);
  const answer = await sendCommand(dependencies, {
    subject,
    command: makeCommand(id, fingerprint, body, provenanceOf(context), dependencies.now()),
    keyed: key !== undefined,
    traceparent: traceparentFrom(context.req.header('traceparent')),
    signal: context.req.raw.signal,
  });
  return answerCommand(answer, id, order.created === true);
}
