import { type InstanceReport, instanceReport, MONITOR_SUBJECT } from '@herald/contracts';
import type { Broker } from '@herald/event-log';

/** Answers for this instance whenever somebody asks who is there. `report` must not fail. */
export function answerMonitor(broker: Broker, report: () => Promise<InstanceReport>): void {
  broker.connection.subscribe(MONITOR_SUBJECT, {
    callback: (_error, message) => {
      void report().then((answer) => {
        // This instance may have stopped while it looked.
        if (!broker.connection.isClosed()) message.respond(JSON.stringify(answer));
      });
    },
  });
}

/** How long to wait for further answers after the last one, milliseconds, and in all. */
const STALL_MS = 150;
const LONGEST_MS = 1_000;

/**
 * Asks every instance of every service how it is. Who does not answer in time is missing in the list, and so is who
 * answers in a shape of another release: one instance must not hide all others.
 */
export async function askInstances(broker: Broker): Promise<InstanceReport[]> {
  const reports: InstanceReport[] = [];
  const answers = await broker.connection.requestMany(MONITOR_SUBJECT, '', {
    strategy: 'stall',
    stall: STALL_MS,
    maxWait: LONGEST_MS,
  });
  for await (const answer of answers) {
    const report = instanceReport.safeParse(answer.json());
    if (report.success) reports.push(report.data);
  }
  return reports.sort((a, b) => a.instance.localeCompare(b.instance));
}
