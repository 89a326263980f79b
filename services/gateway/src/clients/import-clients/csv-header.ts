import { trimBlanks } from '@herald/domain';
import { makeProblem, ProblemError, type ValidationError } from '../../problems/problem.ts';
import { newClient } from '../../schemas/client.ts';
import { nameOfSeparator, type Separator } from './csv-separator.ts';

/** The column that holds a line as it was, where the other ones cannot tell it. */
export const ORIGINAL = 'original';

/** A name as it is compared: `Operator_Code`, `operator code` and `OPERATORCODE` are `operatorCode`. */
const fold = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');

const ATTRIBUTES = Object.keys(newClient.shape);
/** Columns of the file of rejected lines: they say nothing about the client, and the mended file is imported as it is. */
const NOTES = ['line', 'reason', ORIGINAL];
const COLUMNS = new Map([...ATTRIBUTES, ...NOTES].map((name) => [fold(name), name]));
const REQUIRED = Object.entries(newClient.shape)
  .filter(([, schema]) => !schema.safeParse(undefined).success)
  .map(([name]) => name);
const MOST_ERRORS = 20;
const LONGEST_NAME = 100;

/** Whether a column tells an attribute of the client. */
export const isAttribute = (column: string): boolean => !NOTES.includes(column);

/**
 * The columns of a header row, in its order and as the attributes are named, with those of a file of rejected lines. Columns without a name at its end do not
 * count.
 *
 * @param separator by which the row was cut; null where none stands in it
 * @throws ProblemError 422 when one is unknown, named twice or missing
 */
export function readHeader(
  row: { line: number; value: string[] } | { line: number; fault: string },
  separator: Separator | null,
): string[] {
  if ('fault' in row) throw refuse([{ path: '', message: row.fault }], separator, []);
  const given = row.value.map(trimBlanks);
  while (given.at(-1) === '') given.pop();
  const names = given.map((name) => COLUMNS.get(fold(name)));
  const errors: ValidationError[] = [];
  for (const [index, name] of names.entries()) {
    const path = `/${(given[index] ?? '').slice(0, LONGEST_NAME).toWellFormed()}`;
    if (name === undefined) {
      errors.push({ path, message: `is no column; there are ${ATTRIBUTES.join(', ')}` });
    } else if (names.indexOf(name) !== index) errors.push({ path, message: 'stands there twice' });
  }
  for (const name of REQUIRED)
    if (!names.includes(name)) errors.push({ path: `/${name}`, message: 'is missing' });
  if (errors.length > 0) throw refuse(errors.slice(0, MOST_ERRORS), separator, given);
  return names.filter((name) => name !== undefined);
}

function refuse(
  errors: ValidationError[],
  separator: Separator | null,
  given: readonly string[],
): ProblemError {
  const found =
    separator === null
      ? `No separator was found (comma, semicolon or tab) in ${JSON.stringify(given.join().slice(0, LONGEST_NAME).toWellFormed())}.`
      : `The separator that was found is a ${nameOfSeparator(separator)}.`;
  const detail = `The first row must name the columns; nothing was accepted. ${found}`;
  return new ProblemError(makeProblem('import-header-invalid', detail, { errors }));
}
