import { EVENTS_STREAM, eventSubjects, type HeraldEvent, parseEvent, type Refusal } from '@herald/contracts';
import { loadLastMessage } from '@herald/event-log';
import type { GatewayDependencies } from '../http/context.ts';
import { reachBroker } from '../reading/reach-broker.ts';
import { findStoredResult } from './pending-result.ts';
import { type CommandAnswer, readResult } from './send-command.ts';

/** What a command is about. */
export interface Subject {
  readonly kind: 'client' | 'mailing';
  readonly id: string;
}

/**
 * The answer to a command about something that is not there, so that it need not be published: each would stay in the
 * log until it is cleared away. `null` where it must be published. Costs one look at the log, 0.3 ms, and another one
 * where nothing was found.
 *
 * Of a command under an idempotency key the result is asked for: a removal that is repeated succeeded when it was there.
 * Where none is stored yet it may be under way, and is published again under its id.
 *
 * @param fingerprint of a command under an idempotency key, else null
 * @throws BrokerUnavailableError
 */
export async function answerUnlessThere(
  dependencies: GatewayDependencies,
  subject: Subject,
  commandId: string,
  fingerprint: string | null,
): Promise<CommandAnswer | null> {
  const presence = await look(dependencies, subject);
  if (presence === 'there') return null;
  if (fingerprint !== null) {
    const stored = await findStoredResult(dependencies, { commandId, subject: subjectFor(subject) });
    if (stored !== null) return readResult(stored, fingerprint);
    if (presence === 'gone') return null;
  }
  if (presence === 'never' && (await mayOthersKnow(dependencies))) return null;
  const refusal: Refusal = { code: `${subject.kind}-not-found` };
  return { kind: 'outcome', outcome: { kind: 'refused', refusal } };
}

/**
 * Where the log has copies, a leader that was cut off with this gateway may not know what was stored since. It can store
 * no command either, so a command that is published is decided by those that know. What is gone never comes back.
 */
async function mayOthersKnow({ broker }: GatewayDependencies): Promise<boolean> {
  const { config } = await reachBroker(broker, () => broker.manager.streams.info(EVENTS_STREAM));
  return config.num_replicas > 1;
}

/** Where its events stand. */
const subjectFor = ({ kind, id }: Subject): string =>
  kind === 'client' ? eventSubjects.client(id) : eventSubjects.mailing(id);

async function look({ broker }: GatewayDependencies, subject: Subject): Promise<'there' | 'gone' | 'never'> {
  const last = await reachBroker(broker, () => loadLastMessage(broker, EVENTS_STREAM, subjectFor(subject)));
  if (last === null) return 'never';
  return isGone(last.string()) ? 'gone' : 'there';
}

/** What we cannot read a newer release may: then it decides. */
function isGone(text: string): boolean {
  let event: HeraldEvent;
  try {
    event = parseEvent(text);
  } catch {
    return false;
  }
  if (event.type === 'ClientRemoved') return true;
  return 'mailing' in event.data && event.data.mailing.status === 'deleted';
}
