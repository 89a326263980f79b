import { ACK_WAIT_MS, type OutcomeEvent } from './broker.ts';
import { planFaults } from './faults.ts';
import type { Call } from './provider.ts';
import type { Sabotage } from './surroundings.ts';
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

/** Lets one seed run to its end and judges it by what the provider and the log have seen. */
export function judge(seed: number, sabotage: Sabotage | null = null): Verdict {
  const world = new World(seed, sabotage);
  const complaints: string[] = [];
  let broke = '';
  try {
    planFaults(world);
    world.schedule.runUntil(world.endAtMs);
    world.schedule.runUntil(Math.max(world.endAtMs, world.quietFrom) + DRAINED_WITHIN_MS);
    if (!world.broker.isThrough) {
      const open = world.broker.slots.filter((slot) => slot.completedAt === null).length;
      complaints.push(`${open} batches are not completed ${DRAINED_WITHIN_MS} ms after the last fault`);
    }
  } catch (error) {
    broke = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complaints.push(broke);
  }
  if (broke === '')
    for (const messageId of messagesOf(world)) complaints.push(...judgeMessage(world, messageId));
  return { seed, complaints, calls: world.provider.calls.length, faults: world.faults };
}

function messagesOf(world: World): number[] {
  return world.broker.slots.flatMap(({ queued }) =>
    queued.clientIds.map((_, index) => queued.firstMessageId + index),
  );
}

function judgeMessage(world: World, messageId: number): string[] {
  const calls = world.provider.calls.filter((call) => call.messageId === messageId);
  const ends = endsOf(world, messageId);
  const [first] = ends;
  const complaints: string[] = [];
  const complain = (text: string): number => complaints.push(`message ${messageId}: ${text}`);
  if (first === undefined) complain('has not ended');
  for (const [index, call] of calls.entries()) {
    const later = calls.slice(index + 1);
    if (call.accepted && later.length > 0 && !isExcused(world, call)) {
      complain(`was accepted at ${call.startedAt} and called for again at ${later[0]?.startedAt}`);
    }
    const overlapping = later.find((other) => other.startedAt < (call.endedAt ?? 0));
    if (overlapping !== undefined && !isExcused(world, call)) {
      complain(`two calls at once, from ${call.startedAt} and from ${overlapping.startedAt}`);
    }
    const wrong = wrongMoment(world, call);
    if (wrong !== null) complain(`a call at ${call.startedAt}, ${wrong}`);
  }
  const accepted = calls.some((call) => call.accepted);
  const excused = calls.some((call) => isExcused(world, call));
  if (first === 'MessageSent' && !accepted) complain('counts as sent and was never accepted');
  if (first === 'MessageUnknown' && !excused) complain('counts as unknown, although every answer came');
  if (accepted && first !== 'MessageSent' && !excused) complain(`was accepted and counts as ${first}`);
  return complaints;
}

function endsOf(world: World, messageId: number): OutcomeEvent['type'][] {
  const slot = world.broker.slots.find(
    ({ queued }) =>
      messageId >= queued.firstMessageId && messageId < queued.firstMessageId + queued.clientIds.length,
  );
  const ends = slot?.outcomes.filter(({ body }) =>
    'messageIds' in body.data
      ? body.data.messageIds.includes(messageId)
      : body.data.messageId === messageId && body.type !== 'MessageRetried',
  );
  return ends?.map(({ body }) => body.type) ?? [];
}

/** Its answer was lost, or never taken in because its sender was killed, asleep, or cut off meanwhile. */
function isExcused(world: World, call: Call): boolean {
  if (call.answer === null || call.answer.kind === 'lost') return true;
  const until = (call.endedAt ?? call.startedAt) + KNOWN_AFTER_MS;
  return world.troubles.some(
    (trouble) => trouble.sender === call.sender && trouble.from <= until && trouble.to >= call.startedAt,
  );
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
