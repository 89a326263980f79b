import { z } from 'zod';

const instance = z.looseObject({
  service: z.string(),
  instance: z.string(),
  startedAt: z.string(),
  ready: z.boolean(),
  problems: z.record(z.string(), z.string()),
});
const sender = z.looseObject({
  instance: z.string(),
  slots: z.looseObject({ used: z.number(), total: z.number() }).nullable(),
  breaker: z.string().nullable(),
  pausedUntil: z.string().nullable(),
  tokenRejected: z.boolean(),
});
const openMailing = z.looseObject({
  id: z.string(),
  status: z.string(),
  batches: z.number(),
  batchesDone: z.number(),
});
const lane = z.looseObject({
  lane: z.union([z.string(), z.number()]),
  sequence: z.number(),
  behind: z.number(),
  instance: z.string(),
});

/** `GET /monitor` */
export const report = z.looseObject({
  asOf: z.string(),
  services: z.record(z.string(), z.array(instance)),
  provider: z.looseObject({
    breaker: z.string().nullable(),
    pausedUntil: z.string().nullable(),
    tokenRejected: z.boolean(),
    senders: z.array(sender),
  }),
  openMailings: z.array(openMailing),
  commandBacklog: z.number().nullable(),
  lanes: z.array(lane),
});
export type Report = z.output<typeof report>;
