import { z } from 'zod';
import { faultSchema } from './fault-schema.ts';

const milliseconds = z.number().min(0).max(600_000);
const messageId = z.number().int().min(0);

const latencySchema = z.union([
  milliseconds,
  z
    .strictObject({ min: milliseconds, max: milliseconds })
    .refine(({ min, max }) => min <= max, { message: 'min must not be above max' }),
]);

const ruleSchema = z.strictObject({
  probability: z.number().min(0).max(1).default(1),
  fault: faultSchema,
  match: z
    .strictObject({
      messageIds: z.array(messageId).max(100_000).optional(),
      phonePrefix: z.string().regex(/^\d+$/, 'must be digits').optional(),
      firstAttempts: z.number().int().min(1).optional(),
    })
    .optional(),
});

/** How the simulated provider behaves. Everything is optional; nothing given means healthy and instant. */
export const behaviourSchema = z.strictObject({
  latencyMs: latencySchema.default(0),
  rules: z.array(ruleSchema).max(1_000).default([]),
  outage: z.enum(['none', 'refuse', 'unavailable']).default('none'),
  rateLimitPerSecond: z.number().int().min(1).max(1_000_000).optional(),
  retryAfterSeconds: z.number().int().min(0).max(86_400).optional(),
  rejectToken: z.boolean().default(false),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
});

export type Behaviour = z.infer<typeof behaviourSchema>;
export type Rule = Behaviour['rules'][number];
export type Latency = Behaviour['latencyMs'];

export const healthyBehaviour: Behaviour = behaviourSchema.parse({});
