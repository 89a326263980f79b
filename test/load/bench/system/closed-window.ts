const HOURS = 24;
const pad = (hour: number): string => String(hour).padStart(2, '0');

/**
 * A window of one minute that is closed wherever it is two to ten hours later than in UTC, now and for 14 hours more: in
 * every time zone of the clients of this benchmark.
 */
export function closedWindow(now: Date): { readonly from: string; readonly to: string } {
  const hour = pad((now.getUTCHours() + 1) % HOURS);
  return { from: `${hour}:00`, to: `${hour}:01` };
}
