import type { Command } from '@herald/contracts';
import { sql } from 'kysely';
import type { Dependencies } from '../dependencies.ts';
import { loadClient } from './load-client.ts';
import { type PhoneClaim, releaseOtherPhone, releasePhone } from './phone-reservations.ts';

/**
 * Gives back the phone that a late delivery of a command has claimed once more, after another delivery has carried the
 * command out. The fold ends a claim with the command's event: of one that comes behind it nobody else would take notice.
 *
 * While the result is not stored the event is not folded: then the fold ends the claim, and the answer does not wait for
 * it. After a refusal another delivery may be about to append, and needs its claim.
 *
 * @throws DirectoryNotReadyError where the directory is too far behind the client's events: the command must come again
 */
export async function releaseStaleClaim(
  { runtime, database }: Dependencies,
  command: Command,
): Promise<void> {
  const claim = claimOf(command);
  if (claim === null) return;
  const { phone, clientId } = claim;
  const isStale =
    command.type === 'ChangeClient'
      ? sql`r.command_id = ${command.id}`
      : sql`r.command_id is null and not exists (select from client where id = ${clientId} and phone = ${phone})`;
  const { rows } = await sql`
    select from phone_reservation r
    where r.phone = ${phone} and r.client_id = ${clientId} and ${isStale} and exists (
      select from command_result where command_id = ${command.id} and outcome ->> 'kind' <> 'refused')`.execute(
    database,
  );
  if (rows.length === 0) return;
  const { sequence } = await loadClient(runtime.broker, clientId);
  if (command.type === 'ChangeClient') await releaseOtherPhone(database, claim, command.id, sequence);
  else await releasePhone(database, claim, sequence);
}

/** The phone that a command claims for its client. Of an import many do, and it looks after them itself. */
function claimOf({ type, data }: Command): PhoneClaim | null {
  switch (type) {
    case 'RegisterClient':
      return { phone: data.phone, clientId: data.clientId };
    case 'ChangeClient':
      return data.changes.phone === undefined ? null : { phone: data.changes.phone, clientId: data.clientId };
    case 'RemoveClient':
    case 'ImportClients':
    case 'TryImport':
    case 'CreateMailing':
    case 'ChangeMailing':
    case 'DeleteMailing':
    case 'PauseMailing':
    case 'ResumeMailing':
      return null;
    default:
      return type satisfies never;
  }
}
