/**
 * Writes mailings that have ended straight into a log, with outcomes in groups as senders write them, and the clients that
 * they went to. What is under way is bounded.
 */
import {
  BATCH_SIZE,
  type Client,
  type EventBody,
  eventSubjects,
  groupOutcome,
  makeEvent,
  newId,
} from '@herald/contracts';
import { connectBroker, LogWriter } from '@herald/event-log';
import { z } from 'zod';
import { endedMailing } from '../bench/processes/ended-mailing.ts';
import { readInput } from '../bench/processes/own-usage.ts';

/** A record holds what came while the one before was on its way (docs/adr/0034). */
const OUTCOMES_OF_RECORD = 15;
const AT_ONCE = 8;
const CALL_MS = 12.5;
const CLIENTS_AT_ONCE = 1_000;
const ZONES = ['Europe/Moscow', 'Asia/Yekaterinburg', 'UTC', '+03:00'];

const input = await readInput(
  z.object({
    natsUrl: z.string(),
    clients: z.int().positive(),
    mailings: z.int().positive(),
    messagesOfMailing: z.int().positive(),
    /** Far behind the ids of messages that the system plans itself, and of those that are written already. */
    firstMessageId: z.int().positive(),
  }),
);
const broker = await connectBroker({ url: input.natsUrl, name: 'load-write-log' });
const writer = new LogWriter(broker);
let lastSequence = 0;

async function publish(subject: string, body: EventBody): Promise<void> {
  const event = makeEvent(body, { source: 'load', correlationId: 'load' }, new Date());
  const result = await writer.publish(subject, JSON.stringify(event));
  if (result.kind !== 'stored') throw new Error(`An event without an expectation met a ${result.kind}.`);
  lastSequence = Math.max(lastSequence, result.sequence);
}

function clientOf(id: string, number: number): Client {
  const now = new Date().toISOString();
  const operatorCode = String(500 + (number % 50));
  return {
    id,
    phone: `7${operatorCode}${String(number).padStart(7, '0')}`,
    operatorCode,
    tag: `tag-${number % 20}`,
    timezone: ZONES[number % ZONES.length] ?? 'UTC',
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

async function writeBatch(
  mailingId: string,
  batch: number,
  firstMessageId: number,
  ids: string[],
): Promise<void> {
  const timezone = ZONES[batch % ZONES.length] ?? 'UTC';
  const queued = { mailingId, batch, timezone, firstMessageId, clientIds: ids };
  await publish(eventSubjects.queued(mailingId, batch), { type: 'MessagesQueued', data: queued });
  const call = { startedAt: new Date().toISOString(), durationMs: CALL_MS, statusCode: 200 };
  const outcomes = ids.flatMap((clientId, place) => {
    const about = { mailingId, batch, messageId: firstMessageId + place, clientId, mailingVersion: 1, call };
    const refused = { ...about, attempt: 1, error: 'status 503', answer: 'refused' } as const;
    const isRetried = place % 50 === 0;
    const end =
      place % 100 === 1
        ? ({ type: 'MessageFailed', data: { ...about, attempt: 1, error: 'status 404' } } as const)
        : ({ type: 'MessageSent', data: { ...about, attempt: isRetried ? 2 : 1 } } as const);
    const all = isRetried ? [{ type: 'MessageRetried', data: refused } as const, end] : [end];
    return all.map((outcome) => groupOutcome(outcome, firstMessageId, Date.now()));
  });
  for (let from = 0; from < outcomes.length; from += OUTCOMES_OF_RECORD) {
    const data = {
      mailingId,
      batch,
      firstMessageId,
      outcomes: outcomes.slice(from, from + OUTCOMES_OF_RECORD),
    };
    await publish(eventSubjects.outcome(mailingId, batch), { type: 'OutcomesRecorded', data });
  }
  const completed = { mailingId, batch, messages: ids.length };
  await publish(eventSubjects.batch(mailingId, batch), { type: 'BatchCompleted', data: completed });
}

async function inTurn(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const clients = Array.from({ length: input.clients }, newId).sort();
await inTurn(clients.length, CLIENTS_AT_ONCE, async (number) => {
  const client = clientOf(clients[number] ?? '', number);
  await publish(eventSubjects.client(client.id), {
    type: 'ClientRegistered',
    data: { client, recentCommands: [] },
  });
});

const mailings: string[] = [];
const batches = Math.ceil(input.messagesOfMailing / BATCH_SIZE);
const size = Math.min(BATCH_SIZE, input.messagesOfMailing);
let messageId = input.firstMessageId;
let clientAt = 0;
await inTurn(input.mailings, batches === 1 ? AT_ONCE * 4 : 1, async () => {
  const id = newId();
  mailings.push(id);
  // Created first, so that there is something to ask for at each moment; its start is so far off that nobody starts it.
  const farOff = new Date(Date.now() + 365 * 86_400_000);
  const [created, ...rest] = endedMailing(id, { messages: batches * size, batches }, farOff);
  if (created !== undefined) await publish(eventSubjects.mailing(id), created);
  await inTurn(batches, AT_ONCE, async (batch) => {
    const first = messageId;
    messageId += size;
    const from = clientAt % Math.max(1, clients.length - size);
    clientAt += size;
    await writeBatch(id, batch, first, clients.slice(from, from + size));
  });
  for (const body of rest) await publish(eventSubjects.mailing(id), body);
});
writer.close();
await broker.connection.close();
process.stdout.write(
  JSON.stringify({ lastSequence, mailings: mailings.slice(0, 1_000), clients: clients.slice(0, 1_000) }),
  () => process.exit(),
);
