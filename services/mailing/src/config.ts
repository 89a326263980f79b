import { databaseUrl } from '@herald/service-kit';
import { z } from 'zod';

/** The variables of the mailing service beside the common ones. */
export const mailingConfig = z.object({
  /** The database that holds the schema `mailing`. */
  DATABASE_URL: databaseUrl,
  /** How many connections the pool of one instance may open. */
  DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(100).default(10),
});
export type MailingConfig = z.infer<typeof mailingConfig>;
