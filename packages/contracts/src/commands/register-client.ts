import { z } from 'zod';
import { operatorCode, phone } from '../entities/client.ts';

/** The attributes of a new client. Without an operator code it is the phone's second to fourth digit. */
export const clientAttributes = z.object({
  phone,
  timezone: z.string().min(1),
  operatorCode: operatorCode.optional(),
  tag: z.string().optional(),
});
export type ClientAttributes = z.infer<typeof clientAttributes>;

export const registerClient = clientAttributes.extend({ clientId: z.uuid() });
