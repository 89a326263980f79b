import type { Mailing } from '@herald/contracts';

/** When the clock next does something to a mailing: its start, then its end; null when nothing is to come. */
export function nextAlarm({
  status,
  startAt,
  endAt,
}: Pick<Mailing, 'status' | 'startAt' | 'endAt'>): Date | null {
  switch (status) {
    case 'scheduled':
      return new Date(startAt);
    case 'running':
    case 'paused':
      return new Date(endAt);
    case 'completed':
    case 'expired':
    case 'deleted':
      return null;
    default:
      return status satisfies never;
  }
}
