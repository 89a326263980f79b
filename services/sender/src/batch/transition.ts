import {
  type BatchEvent,
  type BatchState,
  type Claimed,
  type Command,
  type Draining,
  HALTS,
  type Halt,
  isFinal,
  type Message,
  type Resolving,
  type Sending,
  type Step,
  unstartedOf,
  type View,
  type Waiting,
} from './batch-state.ts';
import type { Turn } from './decisions.ts';
import { atOnce, remembered, troubled, unreadable, unwanted, whatRemains } from './deferral.ts';
import { type Isolated, isolated } from './isolation.ts';
import type { LookedUp } from './look-up.ts';
import { endedWithoutCall, type OutcomeContext, restOf } from './outcome.ts';
import type { Deferral } from './parked-batches.ts';
import type { MessageProgress } from './progress.ts';
import {
  afterIsolated,
  brokenCall,
  inPlaceOf,
  lookedInVain,
  recordingOf,
  sayUndecided,
} from './undecided.ts';

/**
 * What a batch is after an event, and what is to be done then. Pure: the same state, event and view have the same
 * step, so that what a sender does can be simulated with any interleaving (../simulation).
 *
 * What ends a batch before it is through comes in many ways, and several at once (paused, then deleted, then the lease
 * is lost), while calls are under way whose outcomes must be recorded first. So every event is met in every state:
 * what comes too late for it to matter is left out; what cannot happen at all is a bug.
 *
 * What is decided about a single message is decided in isolation: an error there costs this message a look, and three
 * looks its delivery (docs/adr/0027). Any other error is thrown, for {@link salvage} to bring the batch to an end.
 *
 * @throws Error for an event that cannot happen in the state, and for whatever else is a bug
 */
export function transition(state: BatchState, event: BatchEvent, view: View): Step {
  switch (event.kind) {
    case 'lease-lost':
      return halt(state, event.taken ? 'taken' : 'lease-lost', view);
    case 'stop':
      return halt(state, 'returned', view);
    case 'mailing-changed':
      return reconsider(state, view);
    case 'provider-changed':
      return turnTo(state, view.mayCall);
    case 'failed':
      return fail(state, view);
    default:
  }
  switch (state.kind) {
    case 'claimed':
      return whileClaimed(state, event, view);
    case 'resolving':
      return whileResolving(state, event, view);
    case 'sending':
    case 'waiting':
    case 'draining':
      return whileWorking(state, event, view);
    case 'ending':
      if (event.kind === 'rest-ended') return complete();
      break;
    case 'completing':
      if (event.kind === 'completed') return next({ kind: 'done' });
      break;
    // Answers to what was asked before it left our hand.
    case 'parked':
    case 'retrying':
    case 'returned':
    case 'done':
    case 'abandoned':
      if (event.kind === 'turn' || event.kind === 'delivered') break;
      return stay(state);
    default:
      return state satisfies never;
  }
  throw impossible(state, event);
}

const stay = (state: BatchState): Step => ({ state, commands: [] });
const next = (state: BatchState, ...commands: Command[]): Step => ({ state, commands });
const also = ({ state, commands }: Step, more: readonly Command[]): Step => ({
  state,
  commands: [...commands, ...more],
});
const complete = (): Step => next({ kind: 'completing' }, { kind: 'complete' });
const giveBack = (deferral: Deferral): Command => ({ kind: 'give-back', deferral });
const impossible = (state: BatchState, event: BatchEvent): Error =>
  new Error(`a batch that is ${state.kind} cannot be told ${event.kind}`);

function fail(state: BatchState, view: View): Step {
  switch (state.kind) {
    // What is in flight must be recorded all the same.
    case 'sending':
    case 'waiting':
    case 'draining':
      return settle(halted(state, 'taken'), view);
    default:
      return isFinal(state) ? stay(state) : next({ kind: 'returned' }, giveBack(troubled(view.random)));
  }
}

/** What memory can refuse is refused before anything is read. */
function whileClaimed(state: Claimed, event: BatchEvent, view: View): Step {
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

const isWanted = (view: View): boolean => view.standing !== undefined && view.standing !== 'wait';

/** Who was removed meanwhile has failed; everybody else waits for a turn. */
function whileResolving(state: Resolving, event: BatchEvent, view: View): Step {
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

function whileWorking(state: Sending | Waiting | Draining, event: BatchEvent, view: View): Step {
  switch (event.kind) {
    case 'turn':
      return takeTurn(state, event, view);
    case 'called':
      return called(state, event, view);
    case 'call-broke': {
      const message = at(state.messages, event.place);
      const context = { ...contextOf(view), mailingVersion: event.mailingVersion };
      const body = brokenCall(message, event, context);
      return next(
        state,
        { kind: 'record', place: event.place, body },
        sayUndecided('call', body, event.reason),
      );
    }
    case 'recorded':
      return recorded(state, event, view);
    case 'unrecorded':
      return unrecorded(state, event, view);
    default:
      throw impossible(state, event);
  }
}

/** The last look before a call: at the lease, the mailing, its end, and the client's window. */
function takeTurn(state: Sending | Waiting | Draining, event: BatchEvent, view: View): Step {
  const place = state.kind === 'draining' ? undefined : state.queue[state.turns];
  if (place === undefined || state.kind === 'draining') throw impossible(state, event);
  const turns = state.turns + 1;
  if (!view.leaseHeld) return settle(halted(state, 'lease-lost'), view);
  const open = view.open;
  if (open === undefined || view.standing !== 'send') return reconsider(state, view);
  const message = at(state.messages, place);
  const begun: Sending = { ...state, kind: 'sending', turns, inFlight: state.inFlight + 1 };
  const decided: Isolated<Turn> =
    message.unreadable === null
      ? isolated(() => view.decisions.turn(message, open, view))
      : { ok: false, reason: message.unreadable };
  if (!decided.ok) {
    const body = lookedInVain(message, decided.reason, contextOf(view));
    return next(
      begun,
      { kind: 'record', place, body },
      sayUndecided(message.isRecordBad ? 'stored' : 'turn', body, decided.reason),
    );
  }
  const turn = decided.value;
  switch (turn.kind) {
    case 'call':
      return next(begun, {
        kind: 'call',
        place,
        messageId: message.messageId,
        recipient: turn.recipient,
        open,
        rejected: message.rejected,
      });
    case 'pass-over':
      return settle({ ...state, turns, passedOver: [...state.passedOver, place] }, view);
    case 'fail':
      return next(begun, endWithoutCall(state.messages, place, turn.error, view));
    default:
      return turn satisfies never;
  }
}

function called(
  state: Sending | Waiting | Draining,
  event: Extract<BatchEvent, { kind: 'called' }>,
  view: View,
): Step {
  const { place, made, mailingVersion } = event;
  if (made !== null) {
    const context = { ...contextOf(view), mailingVersion };
    const { body, broke } = recordingOf(view.decisions, at(state.messages, place), made, context);
    const step = next(state, { kind: 'record', place, body });
    return broke === null ? step : also(step, [sayUndecided('answer', body, broke)]);
  }
  const inFlight = state.inFlight - 1;
  if (state.kind === 'draining') return settle({ ...state, inFlight }, view);
  // Behind all others: where it was refused for what it is, another one is to try next.
  const queue = [...state.queue.slice(state.turns), place];
  if (!view.isTokenRejected) return settle({ ...state, inFlight, queue, turns: 0 }, view);
  // The token of another sender may be right; if not, another batch is to try next: ours may be a blocked recipient's.
  return settle(halted({ ...state, inFlight }, 'returned'), view);
}

function recorded(
  state: Sending | Waiting | Draining,
  { outcomes }: Extract<BatchEvent, { kind: 'recorded' }>,
  view: View,
): Step {
  const messages = [...state.messages];
  const broken: Command[] = [];
  for (const { place, body } of outcomes) {
    const { message, broke } = afterIsolated(at(messages, place), body, view.decisions.after);
    messages[place] = message;
    if (broke !== null) broken.push(sayUndecided('fold', body, broke));
  }
  return also(settle({ ...state, messages, inFlight: state.inFlight - outcomes.length }, view), broken);
}

/**
 * An outcome that cannot be written is said in plainer words; one for which there was no room, once more in its own.
 * Only where the log takes none does the batch end.
 */
function unrecorded(
  state: Sending | Waiting | Draining,
  { place, body, isLastTry, why, reason }: Extract<BatchEvent, { kind: 'unrecorded' }>,
  view: View,
): Step {
  // Calling on would be calling without a record.
  if (isLastTry || why === 'closed')
    return settle(halted({ ...state, inFlight: state.inFlight - 1 }, 'taken'), view);
  if (why === 'full') return next(state, { kind: 'record', place, body, isLastTry: true });
  const { mailingVersion } = body.data;
  const plain = inPlaceOf(body, at(state.messages, place), reason, { ...contextOf(view), mailingVersion });
  return next(
    state,
    { kind: 'record', place, body: plain, isLastTry: true },
    sayUndecided('record', plain, reason),
  );
}

/** Looks at the mailing again. Only a batch whose messages are called for has to care. */
function reconsider(state: BatchState, view: View): Step {
  if (state.kind !== 'sending' && state.kind !== 'waiting' && state.kind !== 'draining') return stay(state);
  const by = haltBy(view);
  const step = settle(by === null ? state : halted(state, by), view);
  return view.isPastEnd && state.inFlight > 0 ? also(step, [{ kind: 'abort-calls' }]) : step;
}

function haltBy({ standing, open }: View): Halt | null {
  switch (standing) {
    case 'send':
      return null;
    case 'expire':
    case 'cancel':
      return 'over';
    case 'wait':
      return open?.mailing.status === 'running' ? 'past-end' : 'returned';
    case undefined:
      return 'returned';
    default:
      return standing satisfies never;
  }
}

function turnTo(state: BatchState, mayCall: boolean): Step {
  if (state.kind === 'sending' && !mayCall) return stay({ ...state, kind: 'waiting' });
  if (state.kind === 'waiting' && mayCall) return stay({ ...state, kind: 'sending' });
  return stay(state);
}

function halt(state: BatchState, by: 'taken' | 'lease-lost' | 'returned', view: View): Step {
  switch (state.kind) {
    case 'claimed':
    case 'resolving':
      if (by === 'taken') return next({ kind: 'abandoned' }, { kind: 'stop-reading' });
      return next({ kind: 'returned' }, { kind: 'stop-reading' }, giveBack(atOnce));
    case 'sending':
    case 'waiting':
    case 'draining':
      return settle(halted(state, by), view);
    // What is being written then holds whoever writes it: no call follows from it.
    default:
      return stay(state);
  }
}

/** Begins nothing any more; the stronger of two reasons stays. */
export function halted(state: Sending | Waiting | Draining, by: Halt): Draining {
  const { messages, inFlight } = state;
  const isWeaker = state.kind === 'draining' && HALTS.indexOf(by) < HALTS.indexOf(state.halt);
  return { kind: 'draining', messages, inFlight, halt: isWeaker ? state.halt : by };
}

/** Comes to a conclusion when nothing is left to wait for. */
function settle(state: Sending | Waiting | Draining, view: View): Step {
  if (state.inFlight > 0) return stay(state);
  if (unstartedOf(state) > 0) return stay(state);
  const isThrough = state.messages.every((message) => message.ended);
  if (state.kind === 'draining') return leave(state, isThrough, view);
  if (isThrough) return complete();
  const { deferral, broke } = whatRemains(state, view);
  const step = next({ kind: deferral.closed === null ? 'retrying' : 'parked' }, giveBack(deferral));
  return broke === null ? step : also(step, [{ kind: 'say-broken', reason: broke }]);
}

function leave(state: Draining, isThrough: boolean, view: View): Step {
  const { messages, halt } = state;
  if (halt === 'taken') return next({ kind: 'abandoned' });
  // Even where somebody else has it by now: it would find the same in the log, and say so in the same words.
  if (isThrough) return complete();
  switch (halt) {
    case 'past-end':
      return next({ kind: 'returned' }, giveBack(unwanted(view)));
    case 'lease-lost':
    case 'returned':
      return next({ kind: 'returned' }, giveBack(atOnce));
    case 'broken':
      return next({ kind: 'returned' }, giveBack(troubled(view.random)));
    case 'over':
      return endRest(messages, view);
    default:
      return halt satisfies never;
  }
}

function endRest(messages: readonly MessageProgress[], view: View): Step {
  // Settled by now: somebody else has completed the batch.
  if (view.open === undefined) return next({ kind: 'returned' }, giveBack(unwanted(view)));
  const bodies = restOf(messages, view.open.mailing.status === 'deleted', contextOf(view));
  return bodies.length === 0 ? complete() : next({ kind: 'ending' }, { kind: 'end-rest', bodies });
}

function endWithoutCall(
  messages: readonly MessageProgress[],
  place: number,
  error: string,
  view: View,
): Command {
  return { kind: 'record', place, body: endedWithoutCall(at(messages, place), error, contextOf(view)) };
}

const contextOf = ({ mailingId, batch, open, idempotent, refusalAttempts }: View): OutcomeContext => ({
  mailingId,
  batch,
  mailingVersion: open?.mailing.version ?? 1,
  idempotent,
  refusalAttempts,
});

function at<Progress extends MessageProgress>(messages: readonly Progress[], place: number): Progress {
  const message = messages[place];
  if (message === undefined) throw new Error(`a batch has no message ${place}`);
  return message;
}
