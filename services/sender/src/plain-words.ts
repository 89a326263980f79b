/** Five digits or more, also where signs that phones are written with stand between them. */
const MAY_BE_PHONE = /\p{Nd}(?:[ +().\-\u2010-\u2015]{0,3}\p{Nd}){4,}/gu;
const MASK = '*****';

/**
 * What somebody else said, as one line that is fit for the log, for lists and for people: without control characters and
 * what is invisible, with whatever may be a phone masked, and cut.
 *
 * @param longest characters (UTF-16 code units)
 */
export function plainWords(said: string, longest: number): string {
  const line = said
    .replaceAll(/[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replaceAll(MAY_BE_PHONE, MASK)
    .trim();
  if (line.length <= longest) return line;
  // A pair of code units may be cut in two.
  return `${line.slice(0, longest - 1).replace(/[\ud800-\udbff]$/u, '')}…`;
}
