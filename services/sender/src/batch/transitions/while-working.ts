import type { BatchEvent, Command, Draining, Sending, Step, View, Waiting } from '../batch-state.ts';
import type { Turn } from '../decisions.ts';
import { type Isolated, isolated } from '../isolation.ts';
import {
  afterIsolated,
  brokenCall,
  inPlaceOf,
  lookedInVain,
  recordingOf,
  sayUndecided,
} from '../undecided.ts';
import { halted, settle } from './conclude.ts';
import { reconsider } from './reconsider.ts';
import { also, at, contextOf, endWithoutCall, impossible, next } from './step.ts';

export function whileWorking(state: Sending | Waiting | Draining, event: BatchEvent, view: View): Step {
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
