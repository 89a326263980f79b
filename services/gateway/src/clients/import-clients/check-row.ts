import type { ImportRow } from '@herald/contracts';
import { describeIssues } from '../../problems/validation-problem.ts';
import { newClient } from '../../schemas/client.ts';
import type { ImportRecord } from './import-record.ts';
import type { LineError } from './import-total.ts';

export type CheckedRow = { readonly row: ImportRow } | { readonly error: LineError };

/** Checks a record of an import as `POST /clients` checks its body. */
export function checkRow(record: ImportRecord): CheckedRow {
  const { line } = record;
  if ('fault' in record) return { error: { line, message: record.fault } };
  const checked = newClient.safeParse(record.value);
  if (!checked.success) return { error: { line, message: describeIssues(checked.error.issues) } };
  return { row: { line, ...checked.data } };
}
