import type { InstanceReport } from '@herald/contracts';
import { instanceReport } from '@herald/contracts';
import { z } from '@hono/zod-openapi';

const openMailing = z.object({
  id: z.string(),
  status: z.string(),
  batches: z.int(),
  batchesDone: z.int(),
});
const lane = z.object({
  lane: z.union([z.string(), z.number()]),
  sequence: z.number(),
  behind: z.number(),
  instance: z.string(),
});
const slots = z.object({
  used: z.int().openapi({ description: 'Messages between call and recorded outcome' }),
  total: z.int().openapi({ description: 'SENDER_CONCURRENCY' }),
});
const senderView = z.object({
  instance: z.string(),
  slots: slots.nullable(),
  breaker: z.string().nullable(),
  pausedUntil: z.string().nullable(),
  tokenRejected: z.boolean(),
});

/** The state of the parts, in a shape that stays the same whoever is missing. */
export const monitorReport = z
  .object({
    asOf: z.string().openapi({ format: 'date-time' }),
    services: z.record(z.string(), z.array(instanceReport)).openapi({
      description: 'Every instance that answered, by its service',
    }),
    provider: z.object({
      breaker: z
        .string()
        .nullable()
        .openapi({ description: 'The worst that a sender says; null without senders' }),
      pausedUntil: z.string().nullable(),
      tokenRejected: z.boolean(),
      senders: z.array(senderView),
    }),
    openMailings: z.array(openMailing.extend({ batchesLeft: z.int() })),
    commandBacklog: z
      .int()
      .nullable()
      .openapi({ description: 'Commands that wait; null when nobody can say' }),
    lanes: z.array(lane).openapi({ description: 'How far each lane of the statistics is behind the log' }),
  })
  .openapi('Monitor');
export type MonitorReport = z.infer<typeof monitorReport>;

/** What instances may say of themselves. What does not fit is left out here; `services` has it as it came. */
const senderDetails = z.object({
  provider: senderView.omit({ instance: true, slots: true }).partial(),
  slots: slots.nullable().catch(null),
});
const mailingDetails = z.object({
  commandBacklog: z.int().nullable().catch(null),
  openMailings: z.array(openMailing).catch([]),
});
const statsDetails = z.object({ lanes: z.array(lane.omit({ instance: true })) });

/** From the best to the worst, as opossum names them. */
const BREAKER_STATES = ['closed', 'half-open', 'halfOpen', 'open'];

/** Puts the reports of all instances together. */
export function buildMonitorReport(reports: readonly InstanceReport[], at: Date): MonitorReport {
  const services: Record<string, InstanceReport[]> = {};
  for (const report of reports) {
    services[report.service] ??= [];
    services[report.service]?.push(report);
  }
  const mailing = detailsOf(reports, 'mailing', mailingDetails);
  const backlogs = mailing.map(({ details }) => details.commandBacklog).filter((backlog) => backlog !== null);
  return {
    asOf: at.toISOString(),
    services,
    provider: viewProvider(reports),
    openMailings: mergeBy(
      mailing.flatMap(({ details }) => details.openMailings),
      ({ id }) => id,
      (a, b) => a.batchesDone - b.batchesDone,
    ).map((open) => ({ ...open, batchesLeft: Math.max(0, open.batches - open.batchesDone) })),
    commandBacklog: backlogs.length === 0 ? null : Math.max(...backlogs),
    lanes: mergeBy(
      detailsOf(reports, 'stats', statsDetails).flatMap(({ instance, details }) =>
        details.lanes.map((each) => ({ ...each, instance })),
      ),
      (each) => String(each.lane),
      (a, b) => a.sequence - b.sequence,
    ),
  };
}

function viewProvider(reports: readonly InstanceReport[]): MonitorReport['provider'] {
  const senders = detailsOf(reports, 'sender', senderDetails).map(
    ({ instance, details: { provider, slots } }) => ({
      instance,
      slots,
      breaker: provider.breaker ?? null,
      pausedUntil: provider.pausedUntil ?? null,
      tokenRejected: provider.tokenRejected ?? false,
    }),
  );
  const breakers = senders.map(({ breaker }) => breaker).filter((breaker) => breaker !== null);
  const pauses = senders.map(({ pausedUntil }) => pausedUntil).filter((until) => until !== null);
  return {
    breaker: breakers.sort((a, b) => BREAKER_STATES.indexOf(b) - BREAKER_STATES.indexOf(a))[0] ?? null,
    pausedUntil: pauses.sort().at(-1) ?? null,
    tokenRejected: senders.some(({ tokenRejected }) => tokenRejected),
    senders,
  };
}

function detailsOf<Details extends z.ZodType>(
  reports: readonly InstanceReport[],
  service: string,
  schema: Details,
) {
  const found: Array<{ instance: string; details: z.infer<Details> }> = [];
  for (const report of reports) {
    if (report.service !== service) continue;
    const parsed = schema.safeParse(report.details);
    if (parsed.success) found.push({ instance: report.instance, details: parsed.data });
  }
  return found;
}

/** One entry a key: the one that is furthest. Instances see the same things at different moments. */
function mergeBy<Entry>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  compare: (a: Entry, b: Entry) => number,
): Entry[] {
  const furthest = new Map<string, Entry>();
  for (const entry of entries) {
    const other = furthest.get(keyOf(entry));
    if (other === undefined || compare(entry, other) > 0) furthest.set(keyOf(entry), entry);
  }
  return [...furthest.values()];
}
