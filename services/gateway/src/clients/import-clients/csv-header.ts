import { makeProblem, ProblemError, type ValidationError } from '../../problems/problem.ts';
import { newClient } from '../../schemas/client.ts';

const COLUMNS = Object.keys(newClient.shape);
const REQUIRED = Object.entries(newClient.shape)
  .filter(([, schema]) => !schema.safeParse(undefined).success)
  .map(([name]) => name);
const MOST_ERRORS = 20;

/**
 * The columns of a header row, in its order.
 *
 * @throws ProblemError 422 when one is unknown, named twice or missing
 */
export function readHeader(
  row: { line: number; value: string[] } | { line: number; fault: string },
): string[] {
  if ('fault' in row) throw refuse([{ path: '', message: row.fault }]);
  const names = row.value.map((name) => name.trim());
  const errors: ValidationError[] = [];
  for (const [index, name] of names.entries()) {
    const path = `/${name.slice(0, 100).toWellFormed()}`;
    if (!COLUMNS.includes(name))
      errors.push({ path, message: `is no column; there are ${COLUMNS.join(', ')}` });
    else if (names.indexOf(name) !== index) errors.push({ path, message: 'stands there twice' });
  }
  for (const name of REQUIRED)
    if (!names.includes(name)) errors.push({ path: `/${name}`, message: 'is missing' });
  if (errors.length > 0) throw refuse(errors.slice(0, MOST_ERRORS));
  return names;
}

const refuse = (errors: ValidationError[]): ProblemError =>
  new ProblemError(
    makeProblem('import-header-invalid', 'The first row must name the columns; nothing was accepted.', {
      errors,
    }),
  );
