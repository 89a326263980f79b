/** The protocol's answer: 0 means that the message was taken. */
export interface ProtocolBody {
  readonly code: number;
  /** Whatever stands there; the protocol wants a string. */
  readonly message: unknown;
}

/** Reads a body of the protocol, `{"code": integer, …}`; `null` for anything else. */
export function readProtocolBody(text: string): ProtocolBody | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // No JSON is an expected answer of a broken provider; the classification is how it is reported.
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('code' in parsed)) return null;
  const { code } = parsed;
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) return null;
  return { code, message: 'message' in parsed ? parsed.message : undefined };
}

/** How much of what a provider says is kept, characters (UTF-16 code units). */
const LONGEST = 200;
/** Five digits or more, also where signs that phones are written with stand between them. */
const MAY_BE_PHONE = /\p{Nd}(?:[ +().\-\u2010-\u2015]{0,3}\p{Nd}){4,}/gu;
const MASK = '*****';

/** What the provider said as one short line: `code 5: invalid number`, fit for the log, for lists and for people. */
export function sayWords({ code, message }: ProtocolBody): string {
  const words = typeof message === 'string' && message !== '' ? `code ${code}: ${message}` : `code ${code}`;
  return clean(words);
}

/** Without control characters and what is invisible, with long runs of digits masked, and cut. */
function clean(words: string): string {
  const line = words
    .replaceAll(/[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replaceAll(MAY_BE_PHONE, MASK)
    .trim();
  if (line.length <= LONGEST) return line;
  // A pair of code units may be cut in two.
  return `${line.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/u, '')}…`;
}
