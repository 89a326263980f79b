import { MOST_LOOKS } from '../../src/batch/undecided.ts';
import { endsOf, messagesOf } from './judge.ts';
import type { Poison } from './poison.ts';
import { refusalOf } from './provider.ts';
import { REFUSAL_ATTEMPTS, type Sabotage } from './surroundings.ts';
import { World } from './world.ts';

interface Expected {
  readonly end: string;
  readonly leastCalls: number;
  readonly mostCalls: number;
}

const once = (end: string): Expected => ({ end, leastCalls: 1, mostCalls: 1 });

/**
 * Lets one seed run in which nothing happens but the poison: every neighbour is called for once and counts as that, and
 * the poisoned message ends as it must, all well before the mailing does.
 */
export async function judgeCalm(seed: number, sabotage: Sabotage | null = null): Promise<string[]> {
  const world = new World(seed, sabotage, true);
  await world.schedule.runUntil(world.endAtMs - 1);
  const complaints = messagesOf(world).flatMap((messageId) => judgeMessage(world, messageId));
  return world.broker.isThrough ? complaints : ['not everything has ended', ...complaints];
}

function judgeMessage(world: World, messageId: number): string[] {
  const { poison, provider } = world;
  const calls = provider.calls.filter((call) => call.messageId === messageId).length;
  const end = endsOf(world, messageId).join();
  const isPoisoned = messageId === poison.messageId && (poison.at !== 'window' || hasWindow(world));
  const expected = isPoisoned ? endOfPoisoned(poison) : endOfNeighbour(messageId);
  const { leastCalls, mostCalls } = expected;
  if (end === expected.end && calls >= leastCalls && calls <= mostCalls) return [];
  return [
    `message ${messageId}, poison of ${poison.messageId} at ${poison.at}: ${calls} calls, ends as ${end}`,
  ];
}

const hasWindow = ({ mailing }: World): boolean => (mailing.at(0)?.mailing.localWindow ?? null) !== null;

function endOfNeighbour(messageId: number): Expected {
  const refusal = refusalOf(messageId);
  switch (refusal) {
    case null:
      return once('MessageSent');
    case 'failed':
      return once('MessageFailed');
    case 'declined':
      return { end: 'MessageFailed', leastCalls: REFUSAL_ATTEMPTS, mostCalls: REFUSAL_ATTEMPTS };
    // Not every rejection counts.
    case 'rejected':
      return { end: 'MessageFailed', leastCalls: REFUSAL_ATTEMPTS, mostCalls: Number.POSITIVE_INFINITY };
    default:
      return refusal satisfies never;
  }
}

/** Called for once at most, where nobody can tell what came of it. */
function endOfPoisoned({ at, messageId }: Poison): Expected {
  const refusal = refusalOf(messageId);
  const lookedAt: Expected = { end: 'MessageFailed', leastCalls: MOST_LOOKS, mostCalls: MOST_LOOKS };
  switch (at) {
    case 'address':
    case 'turn':
    case 'call':
    case 'window':
      return { end: 'MessageFailed', leastCalls: 0, mostCalls: 0 };
    // What the provider has refused was not delivered: it may be asked again at each look.
    case 'outcome':
      return refusal === null ? once('MessageUnknown') : lookedAt;
    case 'record':
      if (refusal === null) return once('MessageUnknown');
      return refusal === 'failed' ? once('MessageFailed') : lookedAt;
    case 'answer':
      return once('MessageUnknown');
    // The first refusal that does not end it cannot be taken in.
    case 'after':
      return refusal === null ? once('MessageSent') : once('MessageFailed');
    case 'opening':
    case 'view':
      return endOfNeighbour(messageId);
    default:
      return at satisfies never;
  }
}
