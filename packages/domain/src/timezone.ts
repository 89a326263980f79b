import { Temporal } from 'temporal-polyfill';

const LONGEST_NAME = 64;
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;
/** An offset as ISO 8601 writes it, with a hyphen or with U+2212 as the minus: `+03:00`, `-0530`, `+03`. */
const OFFSET = /^([+\u2212-])([01]\d|2[0-3])(?::?([0-5]\d))?$/;

/**
 * What was answered of each spelling. There are some 600 names, and an import asks for the same few a million times;
 * the first question costs 121 µs.
 */
const answers = new Map<string, string | null>();
const MOST_ANSWERS = 2_000;

/**
 * The one judge of time zones: the zone as IANA spells it (`europe/moscow` is `Europe/Moscow`), an offset as `±HH:MM`, or
 * `null` where the windows' arithmetic cannot read it (`IST` and the other short names that only ICU knows). Links stay
 * what they are: `Asia/Calcutta` does not become `Asia/Kolkata`, nor the other way round.
 */
export function canonicalTimezone(timezone: string): string | null {
  if (timezone.length > LONGEST_NAME) return null;
  let answer = answers.get(timezone);
  if (answer === undefined) {
    if (answers.size >= MOST_ANSWERS) answers.clear();
    answer = judge(timezone);
    answers.set(timezone, answer);
  }
  return answer;
}

function judge(timezone: string): string | null {
  const offset = OFFSET.exec(timezone);
  if (offset !== null) return spellOffset(offset);
  if (!NAME.test(timezone)) return null;
  try {
    // In capitals: Temporal keeps an entry for each spelling that it is asked for.
    const zoned = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone.toUpperCase());
    return zoned.timeZoneId.replace(/^Systemv\//, 'SystemV/');
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** No offset at all is written with a plus, whichever sign it came with. */
function spellOffset([, sign, hours = '00', minutes = '00']: RegExpExecArray): string {
  const isNegative = sign !== '+' && `${hours}${minutes}` !== '0000';
  return `${isNegative ? '-' : '+'}${hours}:${minutes}`;
}
