import {
  type CommandData,
  DEFAULT_PRIORITY,
  type Mailing,
  type MailingCommand,
  type MailingEvent,
} from '@herald/contracts';
import { accept, type Decision, refuse, remember } from '../decision.ts';
import { canonicalMailing } from './canonical-mailing.ts';
import type { MailingState } from './mailing-state.ts';

type Change = CommandData<'ChangeMailing'>['changes'];

/** What may not change any more once the mailing has started. */
const LOCKED_AFTER_START = ['startAt', 'filter'] as const;

/**
 * Decides a command about one mailing.
 *
 * @param state of the aggregate that the command names; `null` where there is none yet
 * @param now when the decision is taken; from `endAt` on nothing about a mailing changes but that it may be deleted
 */
export function decideMailing(
  state: MailingState | null,
  command: MailingCommand & { readonly id: string },
  now: Date,
): Decision<MailingEvent> {
  if (command.type === 'CreateMailing') return create(command.data, command.id, now);
  if (state === null || state.mailing.status === 'deleted') return refuse({ code: 'mailing-not-found' });
  const { version } = state.mailing;
  if (command.data.expectedVersion !== undefined && command.data.expectedVersion !== version) {
    return refuse({ code: 'version-mismatch', version });
  }
  const commanded = (change: Partial<Mailing>): MailingEvent['data'] => ({
    mailing: { ...state.mailing, ...change, version: version + 1, updatedAt: now.toISOString() },
    recentCommands: remember(state.recentCommands, command.id),
  });
  switch (command.type) {
    case 'ChangeMailing':
      return change(state.mailing, command.data.changes, commanded, now);
    case 'PauseMailing':
      if (!isUnderWay(state.mailing, 'running', now)) return notIn('mailing-not-running', state.mailing, now);
      return accept({ type: 'MailingPaused', data: commanded({ status: 'paused' }) });
    case 'ResumeMailing':
      if (!isUnderWay(state.mailing, 'paused', now)) return notIn('mailing-not-paused', state.mailing, now);
      return accept({ type: 'MailingResumed', data: commanded({ status: 'running' }) });
    case 'DeleteMailing':
      return accept({ type: 'MailingDeleted', data: commanded(deletion(state.mailing, now)) });
    default:
      return command satisfies never;
  }
}

function create(given: CommandData<'CreateMailing'>, commandId: string, now: Date): Decision<MailingEvent> {
  const canonical = canonicalMailing(given);
  if (canonical.kind === 'refused') return canonical;
  const data = canonical.attributes;
  const refusal = checkEnd(data, now);
  if (refusal !== null) return refusal;
  const mailing: Mailing = {
    id: data.mailingId,
    name: data.name,
    text: data.text,
    startAt: data.startAt,
    endAt: data.endAt,
    filter: data.filter,
    localWindow: data.localWindow,
    rateLimit: data.rateLimit,
    priority: data.priority,
    status: 'scheduled',
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    startedAt: null,
    endedAt: null,
    settledAt: null,
    audience: null,
  };
  return accept({ type: 'MailingCreated', data: { mailing, recentCommands: [commandId] } });
}

function change(
  mailing: Mailing,
  asked: Change,
  commanded: (change: Partial<Mailing>) => MailingEvent['data'],
  now: Date,
): Decision<MailingEvent> {
  if (isOver(mailing, now)) return refuse({ code: 'mailing-over', status: statusAt(mailing, now) });
  if (mailing.status !== 'scheduled') {
    const field = LOCKED_AFTER_START.find((name) => asked[name] !== undefined);
    if (field !== undefined) return refuse({ code: 'mailing-field-locked', field, status: mailing.status });
  }
  const canonical = canonicalMailing(asked);
  if (canonical.kind === 'refused') return canonical;
  const changes = canonical.attributes;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const data = commanded({ ...given, priority: priorityAfter(mailing, changes) });
  return checkEnd(data.mailing, now) ?? accept({ type: 'MailingChanged', data });
}

/** Absent leaves it alone, `null` goes back to the default. */
const priorityAfter = (mailing: Mailing, { priority }: Change): number =>
  priority === undefined ? mailing.priority : (priority ?? DEFAULT_PRIORITY);

function checkEnd(
  times: { readonly startAt: string; readonly endAt: string },
  now: Date,
): ReturnType<typeof refuse> | null {
  if (Date.parse(times.endAt) <= Date.parse(times.startAt))
    return refuse({ code: 'mailing-end-not-after-start' });
  if (Date.parse(times.endAt) <= now.getTime()) return refuse({ code: 'mailing-end-in-past' });
  return null;
}

const isOver = (mailing: Mailing, now: Date): boolean =>
  mailing.status === 'completed' ||
  mailing.status === 'expired' ||
  Date.parse(mailing.endAt) <= now.getTime();

/** The end counts by the clock, even if the scheduler has not said it yet. */
const statusAt = (mailing: Mailing, now: Date): string =>
  mailing.status !== 'completed' && isOver(mailing, now) ? 'expired' : mailing.status;

const isUnderWay = (mailing: Mailing, status: 'running' | 'paused', now: Date): boolean =>
  mailing.status === status && !isOver(mailing, now);

const notIn = (
  code: 'mailing-not-running' | 'mailing-not-paused',
  mailing: Mailing,
  now: Date,
): ReturnType<typeof refuse> => refuse({ code, status: statusAt(mailing, now) });

/** A mailing that was never started has nothing left to settle. */
const deletion = (mailing: Mailing, now: Date): Partial<Mailing> => ({
  status: 'deleted',
  endedAt: mailing.endedAt ?? now.toISOString(),
  settledAt: mailing.settledAt ?? (mailing.startedAt === null ? now.toISOString() : null),
});
