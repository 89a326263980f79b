import { type InstanceReport, instanceReport, MONITOR_SUBJECT } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { NoRespondersError } from 'nats';

/** Who answers, known without asking any part. */
export type InstanceIdentity = Pick<InstanceReport, 'service' | 'instance' | 'startedAt'>;

/** What an instance finds when it looks at its parts. */
export type InstanceView = Omit<InstanceReport, keyof InstanceIdentity>;

/** How often an instance whose parts let it wait says so, milliseconds: more often than the asker's patience ends. */
const STILL_LOOKING_MS = 100;
/** How long to wait for further answers after the last one, milliseconds, and in all. */
const STALL_MS = 150;
const LONGEST_MS = 1_000;

/**
 * Answers for this instance whenever somebody asks who is there. A part that hangs, as a database does that stands
 * still, must not make the whole instance invisible just then: until `look` has ended it is answered as not ready.
 *
 * @param look must not fail
 */
export function answerMonitor(
  broker: Broker,
  identity: InstanceIdentity,
  look: () => Promise<InstanceView>,
): void {
  broker.connection.subscribe(MONITOR_SUBJECT, {
    callback: (error, message) => {
      // The server refused the subscription: this is no message.
      if (error !== null) return;
      const respond = (view: InstanceView): void => {
        // This instance may have stopped while it looked.
        if (!broker.connection.isClosed()) message.respond(JSON.stringify({ ...identity, ...view }));
      };
      const stopSaying = sayStillLooking(respond);
      void look().then(respond).finally(stopSaying);
    },
  });
}

/** Says again and again that the parts have not answered, as long as anybody listens; the answer ends it. */
function sayStillLooking(respond: (view: InstanceView) => void): () => void {
  let waitedMs = 0;
  const timer = setInterval(() => {
    waitedMs += STILL_LOOKING_MS;
    respond({ ready: false, problems: { report: `no answer of its parts for ${waitedMs} ms` }, details: {} });
    if (waitedMs >= LONGEST_MS) clearInterval(timer);
  }, STILL_LOOKING_MS);
  return () => clearInterval(timer);
}

/**
 * Asks every instance of every service how it is. Who does not answer in time is missing in the list, and so is who
 * answers in a shape of another release: one instance must not hide all others.
 */
export async function askInstances(broker: Broker): Promise<InstanceReport[]> {
  const reports = new Map<string, InstanceReport>();
  for await (const answer of askAll(broker, MONITOR_SUBJECT)) {
    const report = instanceReport.safeParse(answer);
    // The last word of an instance counts: before it there may be some that it is still looking.
    if (report.success) reports.set(`${report.data.service} ${report.data.instance}`, report.data);
  }
  return [...reports.values()].sort((a, b) => a.instance.localeCompare(b.instance));
}

/**
 * Asks everybody who listens to a subject, and yields the JSON of their answers as they come; none where nobody listens.
 *
 * @throws the broker's errors; SyntaxError for an answer that is no JSON
 */
export async function* askAll(broker: Broker, subject: string): AsyncGenerator<unknown> {
  const answers = await broker.connection.requestMany(subject, '', {
    strategy: 'stall',
    stall: STALL_MS,
    maxWait: LONGEST_MS,
  });
  try {
    for await (const answer of answers) yield answer.json();
  } catch (error) {
    if (!(error instanceof NoRespondersError)) throw error;
  }
}
