import { makeProblem, ProblemError } from '../../problems/problem.ts';

/** What parts the fields of a line. Excel writes a semicolon where the comma is for decimals, and tabs as "Unicode text". */
export type Separator = ',' | ';' | '\t';

const NAMES: Record<Separator, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab' };
const SEPARATORS = Object.keys(NAMES) as Separator[];
/** The line before the header row by which Excel is told the separator. */
const SEPARATOR_LINE = /^"?sep=(.)"?[ ,;]*$/iu;

export const nameOfSeparator = (separator: Separator): string => NAMES[separator];

/**
 * The separator that a line `sep=;` names; null for any other line.
 *
 * @throws ProblemError 422 for one that is not taken
 */
export function readSeparatorLine(line: string): Separator | null {
  const named = SEPARATOR_LINE.exec(line)?.[1];
  if (named === undefined) return null;
  const separator = SEPARATORS.find((one) => one === named);
  if (separator !== undefined) return separator;
  const detail = `The separator must be a comma, a semicolon or a tab; found ${JSON.stringify(named)}.`;
  throw new ProblemError(makeProblem('import-header-invalid', `${detail} Nothing was accepted.`));
}

/** The separator that stands in a header row most often, outside quotes; null where there is none. */
export function findSeparator(header: string): Separator | null {
  const counts = new Map<string, number>();
  let isQuoted = false;
  for (const character of header) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const [most] = SEPARATORS.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  return most !== undefined && counts.has(most) ? most : null;
}
