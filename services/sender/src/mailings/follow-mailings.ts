import { eventSubjects, openMailingsQuery, parseEvent } from '@herald/contracts';
import { type Broker, type LogRecord, loadLast, readLog } from '@herald/event-log';
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

/**
 * Learns which mailings are open (asking until the mailing service answers), then follows their events in the log
 * until the signal aborts.
 */
export async function followMailings(options: FollowOptions): Promise<void> {
  const { broker, signal, log, mailings } = options;
  const sequence = await loadUntilDone(options);
  if (sequence === null) return;
  options.onLoaded();
  log.info({ mailings: mailings.size, sequence }, 'the open mailings are known');
  const portions = readLog(broker, {
    filter: eventSubjects.allMailings,
    startSequence: sequence + 1,
    signal,
    say: (event, details) => log.warn({ reader: details }, event),
  });
  for await (const portion of portions) for (const record of portion) apply(options, record);
}

function apply({ mailings, log }: FollowOptions, record: LogRecord): void {
  try {
    mailings.apply(parseEvent(record.text), record.sequence);
  } catch (error) {
    // Written by a newer release, or broken. Stopping here would stop every mailing for one event.
    log.error({ err: error, sequence: record.sequence }, 'an event of a mailing cannot be read');
  }
}

/** The position that the answer was current to; `null` when the signal aborted first. */
async function loadUntilDone(options: FollowOptions): Promise<number | null> {
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

async function load({ broker, mailings }: FollowOptions): Promise<number> {
  let after: string | null = null;
  let sequence: number | null = null;
  // Taken in only when all of it is there: a second try may find that some were settled in the meantime.
  const found: Array<() => void> = [];
  do {
    const page: Awaited<ReturnType<typeof askPage>> = await askPage(broker, after);
    sequence ??= page.sequence;
    for (const { id, startedSequence } of page.mailings) {
      const last = await loadLast(broker, eventSubjects.mailing(id));
      // Settled since the answer, or an event of another entity, which cannot be: nothing to send either way.
      if (last === null || last.event.type === 'MailingSettled' || !('mailing' in last.event.data)) continue;
      const { mailing } = last.event.data;
      found.push(() => mailings.add(mailing, last.sequence, startedSequence));
    }
    after = page.next;
  } while (after !== null);
  for (const take of found) take();
  return sequence;
}

const askPage = (broker: Broker, after: string | null) => ask(broker, openMailingsQuery, { after });
