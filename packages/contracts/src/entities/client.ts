import { z } from 'zod';
import { instant } from '../time.ts';

/** Patterns with what is said where they do not fit, for schemas that do more before. */
export const phonePattern = [/^7\d{10}$/, 'must be 7 followed by ten digits'] as const;
export const operatorCodePattern = [/^\d{3}$/, 'must be three digits'] as const;

/** Eleven digits that begin with 7. */
export const phone = z.string().regex(...phonePattern);

/** The three digits of a mobile operator. */
export const operatorCode = z.string().regex(...operatorCodePattern);

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
