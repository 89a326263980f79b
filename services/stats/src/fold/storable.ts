import { MOST_ATTEMPTS } from '../database/batch-outcomes.ts';

/*
 * The log may hold what the tables cannot: a clock that was years off, an attempt that nobody can have made, a text with
 * control characters. The nearest value is kept. A statement that fails would park the whole record, and all other
 * outcomes of its group with it.
 */

/** The last moment that ISO 8601 writes with four digits of a year, as answers do; milliseconds since 1970. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Longer errors are cut: they stand in every row of a list. The log has them whole. */
const ERROR_CHARACTERS = 500;

export const storableAttempt = (attempt: number): number => Math.min(attempt, MOST_ATTEMPTS);

/** @param at milliseconds since 1970; before that it is 1970 */
export const storableMoment = (at: number): number => Math.min(Math.max(at, 0), LAST_MOMENT);

/** @param instant ISO 8601 */
export const storableInstant = (instant: string): Date => new Date(storableMoment(Date.parse(instant)));

/** PostgreSQL's text holds no NUL, and other control characters would swell a page. */
export const storableText = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, ' ').slice(0, ERROR_CHARACTERS);
