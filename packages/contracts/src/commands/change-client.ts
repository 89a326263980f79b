import { z } from 'zod';
import { operatorCode, phone } from '../entities/client.ts';

/** A merge patch: absent leaves alone, `null` goes back to the default. */
export const changeClient = z.object({
  clientId: z.uuid(),
  expectedVersion: z.int().positive().optional(),
  changes: z.object({
    phone: phone.optional(),
    timezone: z.string().min(1).optional(),
    operatorCode: operatorCode.nullable().optional(),
    tag: z.string().nullable().optional(),
  }),
});
