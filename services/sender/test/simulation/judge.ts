import { ACK_WAIT_MS, type OutcomeEvent } from './broker.ts';
import { planFaults } from './faults.ts';
import { type Call, refusalOf } from './provider.ts';
import { REFUSAL_ATTEMPTS, type Sabotage } from './surroundings.ts';
import { World } from './world.ts';

/** Everything has ended by then after the last fault or the mailing's end, whichever is later. */
const DRAINED_WITHIN_MS = 2 * ACK_WAIT_MS + 10_000;
/** A change of the mailing is known everywhere by then, and a call that was begun before has arrived. */
const KNOWN_AFTER_MS = 150;

/** What one seed came to. */
export interface Verdict {
  readonly seed: number;
  /** What must not be, in words; empty when all is well. */
  readonly complaints: readonly string[];
  readonly calls: number;
  readonly faults: number;
}

/** Lets one seed run to its end. */
export async function run(seed: number, sabotage: Sabotage | null = null): Promise<World> {
  const world = new World(seed, sabotage);
  planFaults(world);
  await world.schedule.runUntil(world.endAtMs);
  await world.schedule.runUntil(Math.max(world.endAtMs, world.quietFrom) + DRAINED_WITHIN_MS);
  return world;
}

/** Lets one seed run to its end and judges it by what the provider and the log have seen. */
export async function judge(seed: number, sabotage: Sabotage | null = null): Promise<Verdict> {
  try {
    const world = await run(seed, sabotage);
    const complaints = judgeOpenCalls(world);
    const open = world.broker.slots.filter((slot) => slot.completedAt === null).length;
    if (open > 0)
      complaints.push(`${open} batches are not completed ${DRAINED_WITHIN_MS} ms after the last fault`);
    for (const messageId of messagesOf(world)) complaints.push(...judgeMessage(world, messageId));
    if (hadTimeEnough(world)) complaints.push(...judgeExpired(world));
    return { seed, complaints, calls: world.provider.calls.length, faults: world.faults };
  } catch (error) {
    const broke = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, complaints: [broke], calls: 0, faults: 0 };
  }
}

/** Whether nothing was in the way of any message for long enough before the mailing's end. */
function hadTimeEnough({ mailing, senders, broker, poison, slowestCallMs, quietFrom }: World): boolean {
  const last = mailing.last;
  // A batch whose transition breaks again and again is given back each time, for up to 15 s.
  if (last === undefined || poison.at === 'view') return false;
  if (last.mailing.status === 'deleted' || last.mailing.localWindow !== null) return false;
  const messages = broker.slots.reduce((sum, { queued }) => sum + queued.clientIds.length, 0);
  const slots = senders.reduce((sum, sender) => sum + sender.slots, 0);
  return last.endAtMs - quietFrom > DRAINED_WITHIN_MS + (2 * messages * slowestCallMs) / slots;
}

function judgeExpired(world: World): string[] {
  return messagesOf(world)
    .filter((messageId) => messageId !== world.poison.messageId)
    .filter((messageId) => endsOf(world, messageId)[0] === 'MessagesExpired')
    .map((messageId) => `message ${messageId}: has expired, although there was time enough`);
}

/** What a process that is killed now might repeat: calls under way, and those whose outcome is not recorded. */
function judgeOpenCalls(world: World): string[] {
  const calls = world.provider.calls
    // What cannot be decided is recorded without its call.
    .filter(({ messageId }) => messageId !== world.poison.messageId)
    .map((call) => ({ ...call, until: openUntil(world, call) }));
  return calls.flatMap(({ owner, sender, startedAt }) => {
    const open = calls.filter(
      (other) => other.owner === owner && other.startedAt <= startedAt && other.until > startedAt,
    ).length;
    const most = world.senders[sender]?.mostOpen ?? 0;
    return open > most ? [`${owner} has ${open} calls open at ${startedAt}, and may have ${most}`] : [];
  });
}

/** What befell its sender may have taken the batch away: then it is nobody's any more. */
function openUntil(world: World, call: Call): number {
  if (isInTrouble(world, call)) return call.startedAt;
  return Math.max(call.endedAt ?? Number.POSITIVE_INFINITY, recordedAt(world, call));
}

export function messagesOf(world: World): number[] {
  return world.broker.slots.flatMap(({ queued }) =>
    queued.clientIds.map((_, index) => queued.firstMessageId + index),
  );
}

function judgeMessage(world: World, messageId: number): string[] {
  const calls = world.provider.calls.filter((call) => call.messageId === messageId);
  const [first] = endsOf(world, messageId);
  const complaints: string[] = [];
  const complain = (text: string): number => complaints.push(`message ${messageId}: ${text}`);
  for (const [index, call] of calls.entries()) {
    const later = calls.slice(index + 1);
    if (call.accepted && later.length > 0 && !mayRepeat(world, call)) {
      complain(`was accepted at ${call.startedAt} and called for again at ${later[0]?.startedAt}`);
    }
    const overlapping = later.find((other) => other.startedAt < (call.endedAt ?? 0));
    if (overlapping !== undefined && !isExcused(world, call)) {
      complain(`two calls at once, from ${call.startedAt} and from ${overlapping.startedAt}`);
    }
    const wrong = wrongMoment(world, call);
    if (wrong !== null) complain(`a call at ${call.startedAt}, ${wrong}`);
  }
  return [...complaints, ...judgeEnd(world, messageId, calls, first)];
}

function judgeEnd(
  world: World,
  messageId: number,
  calls: readonly Call[],
  first: OutcomeEvent['type'] | undefined,
): string[] {
  const complaints: string[] = [];
  const complain = (text: string): number => complaints.push(`message ${messageId}: ${text}`);
  if (first === undefined) complain('has not ended');
  const accepted = calls.some((call) => call.accepted);
  const isPoisoned = messageId === world.poison.messageId;
  const excused = calls.some((call) => isExcused(world, call));
  if (first === 'MessageSent' && !accepted) complain('counts as sent and was never accepted');
  if (first === 'MessageUnknown' && !excused && !(isPoisoned && calls.length > 0))
    complain('counts as unknown, although every answer came');
  const isTrue = first === 'MessageSent' || (isPoisoned && first === 'MessageUnknown');
  if (accepted && !isTrue && !excused) complain(`was accepted and counts as ${first}`);
  if (accepted && first === 'MessageFailed' && !calls.some((call) => isInTrouble(world, call)))
    complain('may have been delivered and counts as failed');
  const isTold = ({ answer }: Call): boolean => answer?.kind === 'declined' || answer?.kind === 'rejected';
  const refusals = calls.filter(isTold).length;
  // Without a call it fails for another reason: the client was removed.
  const isCalledFor = outcomesOf(world, messageId).some(
    ({ body: { type, data } }) => type === 'MessageFailed' && data.call !== null,
  );
  const mayFailAtOnce = isPoisoned || refusalOf(messageId) === 'failed';
  if (first === 'MessageFailed' && isCalledFor && !mayFailAtOnce && refusals < REFUSAL_ATTEMPTS)
    complain(`counts as failed after ${refusals} refusals`);
  if (!isPoisoned && outcomesOf(world, messageId).some(({ body }) => isUndecidable(body)))
    complain('suffers for another one');
  return complaints;
}

/** What became of a message, its ends and everything before. */
function outcomesOf(world: World, messageId: number): Array<{ at: number; body: OutcomeEvent }> {
  const slot = world.broker.slots.find(
    ({ queued }) =>
      messageId >= queued.firstMessageId && messageId < queued.firstMessageId + queued.clientIds.length,
  );
  const outcomes = slot?.outcomes ?? [];
  return outcomes.filter(({ body: { data } }) =>
    'messageIds' in data ? data.messageIds.includes(messageId) : data.messageId === messageId,
  );
}

export const endsOf = (world: World, messageId: number): OutcomeEvent['type'][] =>
  outcomesOf(world, messageId)
    .map(({ body }) => body.type)
    .filter((type) => type !== 'MessageRetried' && type !== 'MessageUndecided');

const isUndecidable = ({ data }: OutcomeEvent): boolean =>
  'error' in data && data.error.startsWith('undecidable');

/** Its answer was lost, or never taken in because its sender was killed, asleep, or cut off meanwhile. */
const isExcused = (world: World, call: Call): boolean =>
  call.answer === null || call.answer.kind === 'lost' || isInTrouble(world, call);

/** As above, but for answers that were lost by a provider that honours no message id. */
const mayRepeat = (world: World, call: Call): boolean =>
  call.answer?.kind === 'lost' && !world.idempotent ? isInTrouble(world, call) : isExcused(world, call);

/** Something befell its sender while it was under way, or before its outcome was recorded. */
function isInTrouble(world: World, call: Call): boolean {
  const endedAt = call.endedAt ?? call.startedAt;
  const until = Math.max(endedAt + KNOWN_AFTER_MS, recordedAt(world, call));
  return world.troubles.some(
    (trouble) => trouble.sender === call.sender && trouble.from <= until && trouble.to >= call.startedAt,
  );
}

/** When the outcome of a call was recorded; never, as long as it is not. */
function recordedAt(world: World, { messageId, saysStartedAt }: Call): number {
  const tells = ({ body: { data } }: { body: OutcomeEvent }): boolean =>
    'call' in data && data.call?.startedAt === saysStartedAt;
  return outcomesOf(world, messageId).find(tells)?.at ?? Number.POSITIVE_INFINITY;
}

function wrongMoment(world: World, { startedAt, sender }: Call): string | null {
  const now = world.mailing.at(startedAt);
  const before = world.mailing.at(startedAt - KNOWN_AFTER_MS);
  // Who is cut off learns of no change; its lease ends that soon enough.
  const isCutOff = world.troubles.some(
    (trouble) =>
      trouble.sender === sender && trouble.from <= startedAt && trouble.to >= startedAt - KNOWN_AFTER_MS,
  );
  if (isCutOff && before !== world.mailing.at(startedAt - ACK_WAIT_MS)) return null;
  if (before === undefined) return 'after the mailing was settled';
  if (startedAt >= before.endAtMs && startedAt >= (now?.endAtMs ?? 0)) return 'at or after the end';
  if (before === now && before.mailing.status !== 'running')
    return `while the mailing is ${before.mailing.status}`;
  return null;
}
