import type { Command } from '@herald/contracts';
import { decideClient } from '@herald/domain';
import { type Carried, carriedBefore } from '../commands/carried.ts';
import { outcomeOf } from '../commands/outcome-of-event.ts';
import type { Dependencies } from '../dependencies.ts';
import { awaitRelease, isGivenUp } from './given-up-phones.ts';
import { appendClientEvent, TRIES } from './handle-client-command.ts';
import { foundClient, loadClient } from './load-client.ts';
import { claimPhone, releasePhone } from './phone-reservations.ts';

/**
 * Registers a client. Nothing is loaded: its id derives from the command, so nobody else can have appended an event of it,
 * and where one stands this command was carried out before.
 *
 * @param folded the position of the directory when no result of the command was stored
 */
export async function handleRegisterClient(
  dependencies: Dependencies,
  command: Command<'RegisterClient'>,
  folded: number,
): Promise<Carried> {
  const { clientId } = command.data;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const decision = decideClient(null, command, dependencies.now());
    if (decision.kind === 'refused')
      return { kind: 'decided', outcome: { kind: 'refused', refusal: decision.refusal } };
    const { phone } = command.data;
    const owner = await claimPhone(dependencies.database, { phone, clientId });
    if (owner === clientId) {
      const appended = await appendClientEvent(dependencies, command, decision.event, 0);
      if (appended !== null) return { kind: 'appended', outcome: outcomeOf(decision.event) };
    }
    const before = await findBefore(dependencies, command, folded, owner === clientId);
    if (before !== null) return before;
    // Between our look and the answer the owner may have gone: then claim again.
    if (owner === undefined || owner === clientId) continue;
    if (!(await isGivenUp(dependencies, owner, phone))) {
      const refusal = { code: 'phone-taken' as const, clientId: owner };
      return { kind: 'decided', outcome: { kind: 'refused', refusal } };
    }
    await awaitRelease();
  }
  throw new Error(`the phone of client ${clientId} is not free yet`);
}

/**
 * What it came to where it was carried out before; `null` where it was not.
 *
 * @param isClaimed the phone is reserved for the client, perhaps anew
 */
async function findBefore(
  dependencies: Dependencies,
  command: Command<'RegisterClient'>,
  folded: number,
  isClaimed: boolean,
): Promise<Carried | null> {
  const { clientId, phone } = command.data;
  const { state, sequence } = await loadClient(dependencies.runtime.broker, clientId);
  if (state === null) return null;
  const before = await carriedBefore(dependencies, command, foundClient(state, sequence), folded, true);
  // Since then the client may have gone or taken another phone: then nobody else would free the one claimed anew.
  const isUsed = !state.removed && state.client.phone === phone;
  if (isClaimed && !isUsed) await releasePhone(dependencies.database, { phone, clientId }, sequence);
  return before;
}
