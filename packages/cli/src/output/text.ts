/** C0, DEL, C1 and the line breaks of Unicode: in a text of somebody else they would steer the terminal. */
const STEERING = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** A text of somebody else as one line that steers no terminal. */
export const oneLine = (text: string): string => text.replaceAll(STEERING, ' ');

/** Cut to so many characters, with an ellipsis for what is left out. */
export function cutText(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`;
}

/** Whole numbers in groups of three, the same on every machine. */
export const formatCount = (count: number): string =>
  Math.round(count).toLocaleString('en-US').replaceAll(',', ' ');

/** A moment of the API, in UTC, as people read it: `2026-11-23 11:28:33Z`. */
export const formatMoment = (moment: string | null | undefined): string =>
  moment === null || moment === undefined ? '–' : moment.replace('T', ' ').replace(/\.\d+Z$/, 'Z');

/** How long something takes, in its two largest units: `3 h 20 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** So many bytes in the unit that suits them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
