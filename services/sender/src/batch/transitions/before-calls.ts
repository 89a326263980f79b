import type { BatchEvent, Claimed, Message, Resolving, Sending, Step, View } from '../batch-state.ts';
import { remembered, unreadable, unwanted } from '../deferral.ts';
import { isolated } from '../isolation.ts';
import type { LookedUp } from '../look-up.ts';
import { endRest } from './conclude.ts';
import { reconsider } from './reconsider.ts';
import { also, complete, endWithoutCall, giveBack, impossible, isWanted, next } from './step.ts';

/** What memory can refuse is refused before anything is read. */
export function whileClaimed(state: Claimed, event: BatchEvent, view: View): Step {
  if (event.kind === 'delivered') {
    if (!isWanted(view)) return next({ kind: 'returned' }, giveBack(unwanted(view)));
    const closed = remembered(view);
    if (closed !== null) return next({ kind: 'parked' }, giveBack(closed));
    return next(state, { kind: 'claim' });
  }
  if (event.kind === 'claimed') {
    // Whoever holds it works on it, whatever the consumer thinks: it is asked for again until that has ended.
    if (!event.ours) return next({ kind: 'returned' }, giveBack(unwanted(view)));
    return next(state, { kind: 'look-up' });
  }
  if (event.kind !== 'looked-up') throw impossible(state, event);
  const { found } = event;
  if (found.kind === 'completed') return next({ kind: 'completing' }, { kind: 'acknowledge' });
  if (found.kind === 'unreadable') return whileUnreadable(found, view);
  if (!isWanted(view)) return next({ kind: 'returned' }, giveBack(unwanted(view)));
  if (view.standing !== 'send') return endRest(found.messages, view);
  const clientIds = found.messages.filter((message) => !message.ended).map((message) => message.clientId);
  if (clientIds.length === 0) return complete();
  return next({ kind: 'resolving', messages: found.messages }, { kind: 'resolve', clientIds });
}

/**
 * Nobody can tell which of its messages have ended. It waits for a release that can; where none will ever be, its
 * messages end as unknown together with the mailing.
 */
function whileUnreadable(found: Extract<LookedUp, { kind: 'unreadable' }>, view: View): Step {
  const isOver = view.standing === 'expire' || view.standing === 'cancel';
  const step =
    isOver && !found.isNewer
      ? endRest(
          found.messages.map((message) => ({ ...message, lost: true })),
          view,
        )
      : next({ kind: 'returned' }, giveBack(unreadable(view)));
  return also(step, [{ kind: 'say-broken', reason: found.reason }]);
}

/** Who was removed meanwhile has failed; everybody else waits for a turn. */
export function whileResolving(state: Resolving, event: BatchEvent, view: View): Step {
  if (event.kind !== 'resolved') throw impossible(state, event);
  const { recipients, restMs } = event;
  if (recipients === null) {
    return next({ kind: 'returned' }, giveBack({ delayMs: restMs, closed: null }));
  }
  const messages: Message[] = [];
  const queue: number[] = [];
  const removed: number[] = [];
  for (const [place, message] of state.messages.entries()) {
    if (message.ended) {
      messages.push({ ...message, recipient: null });
      continue;
    }
    const found = isolated(() => view.decisions.address(message, recipients));
    if (!found.ok) messages.push({ ...message, recipient: null, unreadable: found.reason });
    else messages.push({ ...message, recipient: found.value });
    if (found.ok && found.value === null) removed.push(place);
    else queue.push(place);
  }
  const records = removed.map((place) => endWithoutCall(messages, place, 'client-removed', view));
  const sending: Sending = {
    kind: 'sending',
    messages,
    queue: inTurn(queue, view),
    turns: 0,
    passedOver: [],
    inFlight: removed.length,
  };
  return also(reconsider(view.mayCall ? sending : { ...sending, kind: 'waiting' }, view), records);
}

/**
 * Places in their order, from any place on while a single call tries the token: from the first one on it would be the
 * same message every time, and where that is a blocked recipient's the token would never be found right.
 */
function inTurn(places: readonly number[], { isTokenRejected, random }: View): readonly number[] {
  if (!isTokenRejected) return places;
  const from = Math.min(Math.floor(random * places.length), places.length - 1);
  return [...places.slice(from), ...places.slice(0, from)];
}
