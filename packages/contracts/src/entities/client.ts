import { z } from 'zod';
import { instant } from '../time.ts';

/** Eleven digits that begin with 7. */
export const phone = z.string().regex(/^7\d{10}$/, 'must be 7 followed by ten digits');

/** The three digits of a mobile operator. */
export const operatorCode = z.string().regex(/^\d{3}$/, 'must be three digits');

/** A client of the directory, as it stands in events and answers. */
export const client = z.object({
  id: z.uuid(),
  phone,
  operatorCode,
  tag: z.string(),
  timezone: z.string().min(1),
  version: z.int().positive(),
  createdAt: instant,
  updatedAt: instant,
});
export type Client = z.infer<typeof client>;
