import { type Client, deriveId, type Mailing } from '@herald/contracts';
import type { ClientState } from '../src/client/client-state.ts';
import type { MailingState } from '../src/mailing/mailing-state.ts';

export const commandId = (name: string): string => deriveId('command', name);
export const EARLIER = commandId('earlier');
export const START = '2026-03-01T12:00:00.000Z';
export const END = '2026-03-01T18:00:00.000Z';
const CREATED = '2026-02-01T00:00:00.000Z';

export const at = (time: string): Date => new Date(time);
export const BEFORE = at('2026-03-01T11:00:00.000Z');
export const DURING = at('2026-03-01T15:00:00.000Z');
export const LAST_MOMENT = at('2026-03-01T17:59:59.999Z');
export const AT_END = at(END);

export const aClient = (more: Partial<Client> = {}): Client => ({
  id: deriveId('client', 'anna'),
  phone: '79991234567',
  operatorCode: '999',
  tag: 'vip',
  timezone: 'Europe/Moscow',
  version: 3,
  createdAt: CREATED,
  updatedAt: CREATED,
  ...more,
});

export const clientState = (more: Partial<Client> = {}, removed = false): ClientState => ({
  client: aClient(more),
  removed,
  recentCommands: [EARLIER],
});

type Status = Mailing['status'];

/** What a mailing of a status looks like beside its status. */
const OF_STATUS: Record<Status, Partial<Mailing>> = {
  scheduled: {},
  running: { startedAt: START },
  paused: { startedAt: START },
  completed: { startedAt: START, endedAt: DURING.toISOString(), settledAt: DURING.toISOString() },
  expired: { startedAt: START, endedAt: END },
  deleted: { startedAt: START, endedAt: DURING.toISOString() },
};

export const aMailing = (status: Status, more: Partial<Mailing> = {}): Mailing => ({
  id: deriveId('mailing', 'spring'),
  name: 'spring',
  text: 'hello',
  startAt: START,
  endAt: END,
  filter: { everyone: true },
  localWindow: null,
  rateLimit: null,
  priority: 5,
  status,
  version: 4,
  createdAt: CREATED,
  updatedAt: CREATED,
  startedAt: null,
  endedAt: null,
  settledAt: null,
  audience: null,
  ...OF_STATUS[status],
  ...more,
});

export const mailingState = (status: Status, more: Partial<Mailing> = {}): MailingState => ({
  mailing: aMailing(status, more),
  recentCommands: [EARLIER],
});
