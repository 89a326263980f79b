import type { LocalWindow, WhyReason } from '@herald/contracts';
import { canonicalTimezone, isInsideWindow, nextWindowOpening } from '@herald/domain';
import { zoneUnreadable } from './ended-reasons.ts';
import type { ClientFacts, ClientVersion, MailingFacts } from './facts.ts';
import { reason } from './reason.ts';

/** What the window says of a client now. @param client its newest version, or the zone in which the message was queued */
export function windowNow(
  client: ClientVersion | Pick<ClientVersion, 'timezone'>,
  { localWindow, settings, endAt }: MailingFacts,
  now: Date,
): WhyReason[] {
  if (localWindow === null) return [];
  const { timezone } = client;
  if (canonicalTimezone(timezone) === null) return 'position' in client ? zoneUnreadable(client) : [];
  if (isInsideWindow(localWindow, timezone, now)) return [];
  const opensAt = nextWindowOpening(localWindow, timezone, now);
  const when =
    opensAt.getTime() >= Date.parse(endAt)
      ? `does not open again before the end, ${endAt}`
      : `opens at ${opensAt.toISOString()}`;
  return [reason('window-closed', `The window ${said(localWindow)} in ${timezone} ${when}.`, settings)];
}

/**
 * Whether the window was closed from the start of a mailing to its end. Only said where it is certain: the window was the
 * same all the time, and it was closed in the zone at the start as well as in the newest one.
 */
export function windowNeverOpen(
  timezone: string,
  { localWindow, settings, started, endAt }: MailingFacts,
  { newest }: ClientFacts,
): WhyReason[] {
  if (localWindow === null || started === null || !isSame(localWindow, started.localWindow)) return [];
  const zones = [...new Set([timezone, newest?.timezone ?? timezone])];
  const from = new Date(started.startedAt);
  const isClosed = (zone: string): boolean =>
    canonicalTimezone(zone) !== null &&
    nextWindowOpening(localWindow, zone, from).getTime() >= Date.parse(endAt);
  if (!zones.every(isClosed)) return [];
  const text = `The window ${said(localWindow)} in ${zones.join(' and ')} was closed from the start to the end.`;
  return [reason('window-never-open', text, settings)];
}

const said = ({ from, to }: LocalWindow): string => `from ${from} to ${to}`;

const isSame = (window: LocalWindow, other: LocalWindow | null): boolean =>
  window.from === other?.from && window.to === other.to;
