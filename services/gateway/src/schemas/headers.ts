import { z } from '@hono/zod-openapi';

const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
  .openapi({ description: 'The same key and request: the same answer, done once. Kept 14 days.' });

/** One strong tag as `ETag` gave it, or `*`. Weak tags and lists are refused with 422: nothing here could match them. */
const ifMatch = z
  .string()
  .regex(/^(\*|"[1-9]\d{0,14}")$/, 'must be one ETag, "<version>", or *')
  .transform((value): number | '*' => (value === '*' ? value : Number(value.slice(1, -1))))
  .openapi({ type: 'string', description: 'Only if it has this version; else 412', example: '"3"' });

export const writeHeaders = z.object({ 'Idempotency-Key': idempotencyKey.optional() });
export const conditionalHeaders = writeHeaders.extend({ 'If-Match': ifMatch.optional() });
export type WriteHeaders = z.infer<typeof writeHeaders> & Partial<z.infer<typeof conditionalHeaders>>;

/** The version that the sender expects, where a number was named. */
export const expectedVersionOf = (headers: WriteHeaders): { expectedVersion?: number } => {
  const tag = headers['If-Match'];
  return typeof tag === 'number' ? { expectedVersion: tag } : {};
};
