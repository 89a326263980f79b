import { eventSubjects, isMailingEvent, openMailingsQuery, parseEvent } from '@herald/contracts';
import {
  type Broker,
  type LastEvent,
  type LogRecord,
  loadLast,
  readLog,
  UnreadableEventError,
} from '@herald/event-log';
import { ask, type Logger, QueryUnavailableError } from '@herald/service-kit';
import type { OpenMailings } from './open-mailings.ts';

export interface FollowOptions {
  readonly broker: Broker;
  readonly log: Logger;
  readonly mailings: OpenMailings;
  readonly signal: AbortSignal;
  /** All that were open at the start are known. */
  readonly onLoaded: () => void;
}

const RETRY_MS = 1_000;

/** What the start has learnt. */
interface Loaded {
  /** The position that the answer was current to. */
  readonly sequence: number;
  /** Open mailings whose state cannot be read, with the position of their start: one that can be may follow. */
  readonly leftOut: Map<string, number>;
}

/**
 * Learns which mailings are open (asking until the mailing service answers), then follows their events in the log
 * until the signal aborts.
 */
export async function followMailings(options: FollowOptions): Promise<void> {
  const { broker, signal, log, mailings } = options;
  const loaded = await loadUntilDone(options);
  if (loaded === null) return;
  const { sequence, leftOut } = loaded;
  options.onLoaded();
  log.info({ mailings: mailings.size, sequence }, 'the open mailings are known');
  const chunks = readLog(broker, {
    filter: eventSubjects.allMailings,
    startSequence: sequence + 1,
    signal,
    say: (event, details) => log.warn({ reader: details }, event),
  });
  for await (const chunk of chunks) for (const record of chunk) apply(options, leftOut, record);
}

function apply(
  { mailings, log }: FollowOptions,
  leftOut: Loaded['leftOut'],
  { text, sequence }: LogRecord,
): void {
  try {
    const event = parseEvent(text);
    if (isMailingEvent(event)) {
      const { mailing } = event.data;
      const startedSequence = leftOut.get(mailing.id);
      leftOut.delete(mailing.id);
      if (startedSequence !== undefined && event.type !== 'MailingSettled') {
        mailings.add(mailing, sequence, startedSequence);
        return;
      }
    }
    mailings.apply(event, sequence);
  } catch (error) {
    // Written by a newer release, or broken. Stopping here would stop every mailing for one event.
    log.error({ err: error, sequence }, 'an event of a mailing cannot be read');
  }
}

/** `null` when the signal aborted first. */
async function loadUntilDone(options: FollowOptions): Promise<Loaded | null> {
  let told = false;
  while (!options.signal.aborted) {
    try {
      return await load(options);
    } catch (error) {
      const level = error instanceof QueryUnavailableError && told ? 'debug' : 'warn';
      options.log[level]({ err: error }, 'the open mailings cannot be learnt yet');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  return null;
}

async function load({ broker, mailings, log }: FollowOptions): Promise<Loaded> {
  const leftOut = new Map<string, number>();
  let after: string | null = null;
  let sequence: number | null = null;
  // Taken in only when all of it is there: a second try may find that some were settled in the meantime.
  const found: Array<() => void> = [];
  do {
    const page: Awaited<ReturnType<typeof askPage>> = await askPage(broker, after);
    sequence ??= page.sequence;
    for (const { id, startedSequence } of page.mailings) {
      const last = await loadLast(broker, eventSubjects.mailing(id)).catch(
        (error: unknown): LastEvent | null => {
          // Neither broken nor newer data of one mailing may keep all others from being sent.
          if (!(error instanceof UnreadableEventError)) throw error;
          log.error({ err: error, mailingId: id }, 'a mailing cannot be read and is not sent');
          leftOut.set(id, startedSequence);
          return null;
        },
      );
      // Settled since the answer, or an event of another entity, which cannot be: nothing to send either way.
      if (last === null || last.event.type === 'MailingSettled' || !('mailing' in last.event.data)) continue;
      const { mailing } = last.event.data;
      found.push(() => mailings.add(mailing, last.sequence, startedSequence));
    }
    after = page.next;
  } while (after !== null);
  for (const take of found) take();
  return { sequence, leftOut };
}

const askPage = (broker: Broker, after: string | null) => ask(broker, openMailingsQuery, { after });
