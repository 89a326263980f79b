import { someMailing } from '@herald/testkit';
import type { BatchEvent, BatchState, Command, View } from '../../src/batch/batch-state.ts';
import { decisions } from '../../src/batch/decisions.ts';
import { initialProgress } from '../../src/batch/progress.ts';
import { transition } from '../../src/batch/transition.ts';
import { openMailing } from '../../src/mailings/open-mailing.ts';
import { type Answer, tellsOfMessage } from '../../src/provider/answer.ts';

const NOW = Date.UTC(2026, 0, 1);
const clientIds = ['a', 'b', 'c'];
/** A mailing that is sent. */
export const mailing = someMailing({
  id: 'm',
  startAt: new Date(NOW).toISOString(),
  endAt: new Date(NOW + 600_000).toISOString(),
  status: 'running',
  version: 7,
  startedAt: new Date(NOW).toISOString(),
});
const open = openMailing(mailing, 1, 1);
/** What a batch sees while nothing is wrong. */
export const calm: View = {
  mailingId: 'm',
  batch: 0,
  decisions,
  now: NOW,
  standing: 'send',
  open,
  isPastEnd: false,
  leaseHeld: true,
  mayCall: true,
  isTokenRejected: false,
  idempotent: true,
  refusalAttempts: 3,
  random: 0.5,
  closedForMs: () => 0,
  look: () => 'open',
  untilOpening: () => 45_000,
};
export const paused: View = {
  ...calm,
  standing: 'wait',
  open: openMailing({ ...mailing, status: 'paused' }, 2, 1),
};
/** Past the end of its mailing, of which the log does not know yet. */
export const past: View = { ...calm, standing: 'wait', now: open.endAtMs, isPastEnd: true };
export const expired: View = {
  ...calm,
  standing: 'expire',
  open: openMailing({ ...mailing, status: 'expired' }, 3, 1),
};
export const deleted: View = {
  ...calm,
  standing: 'cancel',
  open: openMailing({ ...mailing, status: 'deleted' }, 3, 1),
};

/** A batch that is told things, and what it asked for last. */
export class Told {
  state: BatchState = { kind: 'claimed' };
  commands: readonly Command[] = [];

  tell(event: BatchEvent, view: View = calm): this {
    ({ state: this.state, commands: this.commands } = transition(this.state, event, view));
    return this;
  }

  get asked(): string[] {
    return this.commands.map((command) => command.kind);
  }
}

export const recipients = new Map(clientIds.map((id) => [id, { phone: '79160000000', timezone: 'UTC' }]));
export const fresh = () =>
  initialProgress({ mailingId: 'm', batch: 0, timezone: 'UTC', firstMessageId: 10, clientIds });
export const found = (messages = fresh()): BatchEvent => ({
  kind: 'looked-up',
  found: { kind: 'open', messages },
});
export const resolved: BatchEvent = { kind: 'resolved', recipients, restMs: 0 };
export const delivered: BatchEvent = { kind: 'delivered' };
export const ours: BatchEvent = { kind: 'claimed', ours: true };
export const turn: BatchEvent = { kind: 'turn' };
export const changed: BatchEvent = { kind: 'mailing-changed' };

/** A batch of three messages, of which none has been called for. */
export const sending = (): Told => new Told().tell(delivered).tell(ours).tell(found()).tell(resolved);
export const SENT: Answer = { kind: 'sent', statusCode: 200 };
export const REFUSED: Answer = { kind: 'refused', statusCode: 500, error: 'HTTP 500', pauseMs: null };

export function called(place: number, answer: Answer | null): BatchEvent {
  const made = tellsOfMessage(answer) ? { answer, startedAt: NOW, durationMs: 5 } : null;
  return { kind: 'called', place, made, mailingVersion: 7 };
}

/** Carries a call that is under way to its place in the log. */
export function recorded(told: Told, place: number, answer: Answer, view: View = calm): Told {
  told.tell(called(place, answer), view);
  const [record] = told.commands;
  if (record?.kind !== 'record') throw new Error('nothing to record');
  return told.tell({ kind: 'recorded', outcomes: [{ place, body: record.body }] }, view);
}
