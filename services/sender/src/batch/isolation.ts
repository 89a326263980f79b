import { plainWords } from '../plain-words.ts';

/** What a decision came to: its value, or why there is none. */
export type Isolated<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** Makes one decision by itself: what breaks in it is a value, and takes nothing else along. */
export function isolated<Value>(decide: () => Value): Isolated<Value> {
  try {
    return { ok: true, value: decide() };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

const LONGEST_REASON = 160;

/**
 * Why something broke, fit for the log and the lists: one line of at most 160 characters, with the file and line that
 * it came from. The message of an error may hold a phone, which is masked.
 */
export function reasonOf(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : `no error but ${typeof error}`;
  const short = said.slice(0, 4 * LONGEST_REASON);
  const where = placeOf(error);
  return where === null
    ? plainWords(short, LONGEST_REASON)
    : `${plainWords(short, LONGEST_REASON - where.length - 3)} (${where})`;
}

/** The file and line that threw. */
function placeOf(error: unknown): string | null {
  const stack = error instanceof Error ? error.stack : undefined;
  return /^\s+at .*?([\w.-]{1,60}:\d{1,5}):\d+\)?$/m.exec(stack ?? '')?.[1] ?? null;
}
