import type { recipientsQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { currentPosition } from './current-position.ts';

/** Phones and time zones as they are now; who was removed is missing. */
export async function findRecipients(
  { database }: Dependencies,
  { clientIds }: z.infer<typeof recipientsQuery.request>,
): Promise<z.infer<typeof recipientsQuery.reply>> {
  await currentPosition(database);
  const { rows } = await sql<{ id: string; phone: string; timezone: string }>`
    select id, phone, timezone from client where id = any(${clientIds}::uuid[])`.execute(database);
  return { recipients: [...rows] };
}
