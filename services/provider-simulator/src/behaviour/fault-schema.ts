import { z } from 'zod';

const seconds = z.number().int().min(0).max(86_400);

/**
 * What can go wrong with one request. "Accepted" means that the provider would deliver the SMS, whatever the
 * caller gets to see; `isAccepted` in send/answer.ts decides it for each kind.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: seconds.optional(),
    body: z.json().optional(),
  }),
  z.strictObject({ kind: z.literal('hang'), accepted: z.boolean().default(false) }),
  z.strictObject({
    kind: z.literal('slow-drip'),
    // Slower than a byte in 24.8 days no timer can wait: it would fire at once.
    bytesPerSecond: z.number().min(0.001).max(1_000_000),
  }),
  z.strictObject({ kind: z.literal('reset-before') }),
  z.strictObject({ kind: z.literal('reset-after') }),
  z.strictObject({ kind: z.literal('garbage') }),
  z.strictObject({ kind: z.literal('wrong-body') }),
  z.strictObject({
    kind: z.literal('refusal'),
    code: z
      .int()
      .default(5)
      .refine((code) => code !== 0, { message: 'must not be 0' }),
    message: z.string().max(10_000).default('invalid number'),
  }),
  z.strictObject({
    kind: z.literal('coded'),
    coding: z.enum(['gzip', 'deflate', 'br', 'unknown']),
    unpackedBytes: z.number().int().min(64).max(100_000_000).optional(),
  }),
  z.strictObject({ kind: z.literal('truncated') }),
  z.strictObject({
    kind: z.literal('huge'),
    bytes: z.number().int().min(64).default(1_000_000_000),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
