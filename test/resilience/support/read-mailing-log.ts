import {
  EVENTS_STREAM,
  eventSubjects,
  type HeraldEvent,
  type Mailing,
  type MessageOutcome,
  outcomesOf,
  parseEvent,
} from '@herald/contracts';
import { type Broker, connectBroker, readLog } from '@herald/event-log';
import type { LoggedOutcome, OutcomeKind, PlannedMessage } from '../checker/observation.ts';

/** What the log itself says of a mailing. */
export type MailingLog = {
  /** In its last state. */
  readonly mailing: Mailing;
  readonly planned: readonly PlannedMessage[];
  readonly outcomes: readonly LoggedOutcome[];
};

const READ_MS = 60_000;

/** Reads everything that stands in the log about these mailings. */
export async function readMailingLogs(
  natsUrl: string,
  mailingIds: readonly string[],
): Promise<readonly MailingLog[]> {
  const signal = AbortSignal.timeout(READ_MS);
  const broker = await connectBroker({ url: natsUrl, name: 'fault-suite', signal });
  try {
    const logs: MailingLog[] = [];
    for (const id of mailingIds) logs.push(await readOne(broker, id, signal));
    signal.throwIfAborted();
    return logs;
  } finally {
    await broker.connection.close();
  }
}

async function readOne(broker: Broker, mailingId: string, signal: AbortSignal): Promise<MailingLog> {
  const planned: PlannedMessage[] = [];
  const outcomes: LoggedOutcome[] = [];
  let mailing: Mailing | undefined;
  for (const filter of [eventSubjects.mailing(mailingId), `events.*.message.${mailingId}.>`]) {
    for await (const chunk of readLog(broker, { filter, startSequence: 1, stopAtEnd: true, signal })) {
      for (const { text, storedAt } of chunk) {
        const event = parseEvent(text);
        if ('mailing' in event.data) mailing = event.data.mailing;
        else if (event.type === 'MessagesQueued') planned.push(...plannedIn(event, storedAt));
        else outcomes.push(...outcomesIn(event, storedAt));
      }
    }
  }
  if (mailing === undefined) throw new Error(`mailing ${mailingId} does not stand in ${EVENTS_STREAM}`);
  return { mailing, planned, outcomes };
}

function plannedIn({ data }: HeraldEvent<'MessagesQueued'>, queuedAt: number): PlannedMessage[] {
  return data.clientIds.map((clientId, index) => ({
    messageId: data.firstMessageId + index,
    clientId,
    queuedAt,
  }));
}

function outcomesIn(event: HeraldEvent, storedAt: number): LoggedOutcome[] {
  if (event.type === 'MessagesExpired' || event.type === 'MessagesCancelled') {
    const kind = event.type === 'MessagesExpired' ? 'expired' : 'cancelled';
    return event.data.messageIds.map((messageId) => ({ messageId, kind, call: null, storedAt }));
  }
  return outcomesOf(event).flatMap(({ outcome }) => {
    const kind = kindOf(outcome);
    if (kind === null || outcome.type === 'MessageUndecided') return [];
    const { messageId, call } = outcome.data;
    const made = call && { startedAt: Date.parse(call.startedAt), durationMs: call.durationMs };
    return [{ messageId, kind, storedAt, call: made }];
  });
}

function kindOf({ type, data }: MessageOutcome): OutcomeKind | null {
  switch (type) {
    case 'MessageSent':
      return 'sent';
    case 'MessageFailed':
      return 'failed';
    case 'MessageUnknown':
      return 'unknown';
    case 'MessageRetried':
      return data.answer;
    case 'MessageUndecided':
      return null;
    default:
      return type satisfies never;
  }
}
