import { EVENTS_STREAM, eventSubjects, type Mailing } from '@herald/contracts';
import { type LogRecord, leaderInfo } from '@herald/event-log';
import type { GatewayDependencies } from '../../http/context.ts';
import { reachBroker } from '../../reading/reach-broker.ts';
import { BatchClients } from './batch-clients.ts';
import { DeadlineProof } from './proof.ts';
import { readEnds } from './read-ends.ts';
import { readInTime } from './read-in-time.ts';

/** What is read and held at once: a record has up to 100 kB. */
const CHUNK_RECORDS = 100;
const CHUNK_BYTES = 1_024 * 1_024;
/** Lines are handed on in pieces of about so many characters. */
const PIECE_CHARACTERS = 128 * 1_024;

/**
 * The proof of a mailing's end, in pieces of whole lines, read from the log and nothing else. It speaks of what stood there
 * when it began.
 *
 * @throws BrokerUnavailableError when the log does not answer for too long
 */
export async function* readProof(
  dependencies: GatewayDependencies,
  mailing: Mailing,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { broker, turns, limits } = dependencies;
  // First: whatever changes the end of a call before this position is then read too.
  const { state } = await reachBroker(broker, () => leaderInfo(broker, EVENTS_STREAM));
  const ends = await readEnds(dependencies, mailing, signal);
  const proof = new DeadlineProof(mailing.id, ends);
  const clients = new BatchClients(broker, mailing.id);
  const [start] = ends;
  let lines = '';
  if (start !== undefined) {
    const reading = {
      filter: eventSubjects.outcomesOf(mailing.id),
      startSequence: start.position,
      chunkRecords: CHUNK_RECORDS,
      chunkBytes: CHUNK_BYTES,
      signal,
    };
    for await (const chunk of readInTime(broker, reading, limits.files.retryMs)) {
      const records = chunk.filter(({ sequence }) => sequence <= state.last_seq);
      const clientOf = await reachBroker(broker, () => clients.prepare(records.map(batchOf)));
      for (const record of records) {
        await turns.work();
        lines += proof.linesOf(record, clientOf);
        if (lines.length < PIECE_CHARACTERS) continue;
        yield lines;
        lines = '';
      }
    }
  }
  yield lines + proof.sums(state.last_seq);
}

const batchOf = ({ subject }: LogRecord): number => eventSubjects.batchOfOutcome(subject);
