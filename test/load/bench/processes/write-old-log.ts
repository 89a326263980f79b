/**
 * Writes mailings that have ended straight into a log, as a release did in which each outcome was an event of its own:
 * nothing else makes so many events of so few messages, and every release reads it. What is under way is bounded, and so
 * is what this process holds.
 */
import { BATCH_SIZE, type EventBody, eventSubjects, makeEvent, newId } from '@herald/contracts';
import { connectBroker, LogWriter } from '@herald/event-log';
import { z } from 'zod';
import { endedMailing } from './ended-mailing.ts';
import { readInput, tellOwnUsage } from './own-usage.ts';

/** Every mailing goes to the same clients: 100,000 of them. */
const BATCHES_OF_MAILING = 400;
/** Batches that are written side by side: the writer takes 2,048 events at once. */
const AT_ONCE = 8;
/** Far behind the ids of messages that the system plans itself: ids never meet. */
const FIRST_MESSAGE_ID = 1_000_000_000;
const CALL_MS = 12.5;

const { natsUrl, batches } = await readInput(z.object({ natsUrl: z.string(), batches: z.int().positive() }));
const broker = await connectBroker({ url: natsUrl, name: 'bench-old-log' });
const writer = new LogWriter(broker);
const clients = Array.from({ length: BATCHES_OF_MAILING * BATCH_SIZE }, newId).sort();
let events = 0;
let lastSequence = 0;

async function publish(
  source: string,
  correlationId: string,
  subject: string,
  body: EventBody,
): Promise<void> {
  const event = makeEvent(body, { source, correlationId }, new Date());
  const result = await writer.publish(subject, JSON.stringify(event));
  if (result.kind !== 'stored') throw new Error(`An event without an expectation met a ${result.kind}.`);
  events += 1;
  lastSequence = Math.max(lastSequence, result.sequence);
}

async function writeBatch(mailingId: string, batch: number, firstMessageId: number): Promise<void> {
  const from = (batch % BATCHES_OF_MAILING) * BATCH_SIZE;
  const clientIds = clients.slice(from, from + BATCH_SIZE);
  const queued = { mailingId, batch, timezone: 'UTC', firstMessageId, clientIds };
  const subject = eventSubjects.queued(mailingId, batch);
  await publish('mailing', mailingId, subject, { type: 'MessagesQueued', data: queued });
  const outcome = eventSubjects.outcome(mailingId, batch);
  const call = { startedAt: new Date().toISOString(), durationMs: CALL_MS, statusCode: 200 };
  await Promise.all(
    clientIds.map((clientId, place) => {
      const about = { mailingId, batch, messageId: firstMessageId + place, clientId };
      const data = { ...about, mailingVersion: 1, attempt: 1, call };
      return publish('sender', mailingId, outcome, { type: 'MessageSent', data });
    }),
  );
  const completed = { mailingId, batch, messages: BATCH_SIZE };
  const subjectOfBatch = eventSubjects.batch(mailingId, batch);
  await publish('sender', mailingId, subjectOfBatch, { type: 'BatchCompleted', data: completed });
}

async function writeMailing(before: number, count: number): Promise<void> {
  const id = newId();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const batch = next;
      next += 1;
      await writeBatch(id, batch, FIRST_MESSAGE_ID + (before + batch) * BATCH_SIZE);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  // Its life comes last, in one go: whoever follows the log meets a mailing of which nothing is left to be done.
  const audience = { messages: count * BATCH_SIZE, batches: count };
  const life = endedMailing(id, audience, new Date());
  await Promise.all(life.map((event) => publish('mailing', id, eventSubjects.mailing(id), event)));
}

const before = process.cpuUsage();
const begin = performance.now();
for (let first = 0; first < batches; first += BATCHES_OF_MAILING) {
  await writeMailing(first, Math.min(BATCHES_OF_MAILING, batches - first));
}
const tookMs = performance.now() - begin;
writer.close();
await broker.connection.close();
const usage = tellOwnUsage(before);
process.stdout.write(JSON.stringify({ events, lastSequence, tookMs, usage }), () => process.exit());
