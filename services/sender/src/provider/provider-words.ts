import { plainWords } from '../plain-words.ts';

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
/** What the provider said as one short line: `code 5: invalid number`, fit for the log, for lists and for people. */
export function sayWords({ code, message }: ProtocolBody): string {
  const words = typeof message === 'string' && message !== '' ? `code ${code}: ${message}` : `code ${code}`;
  return plainWords(words, LONGEST);
}
