import { IMPORT_ERRORS, type ImportSummary } from '@herald/contracts';
import type { ImportResult } from '../../schemas/import-result.ts';

export interface LineError {
  readonly line: number;
  readonly message: string;
}

/** What the gateway itself has counted of an import. */
export interface GatewayShare {
  readonly received: number;
  readonly rejected: number;
  readonly errors: readonly LineError[];
}

/** The first errors by line; the rest is only counted. */
export const firstErrors = (...errors: ReadonlyArray<readonly LineError[]>): LineError[] =>
  errors
    .flat()
    .sort((a, b) => a.line - b.line)
    .slice(0, IMPORT_ERRORS);

/** An import's result: the lines that the gateway rejected and what the mailing service made of the others. */
export const totalOf = (gateway: GatewayShare, summary: ImportSummary): ImportResult => ({
  received: gateway.received,
  registered: summary.registered,
  updated: summary.updated,
  rejected: gateway.rejected + summary.rejected,
  errors: firstErrors(gateway.errors, summary.errors),
});

/** What two chunks have led to, together. */
export const addSummaries = (a: ImportSummary, b: ImportSummary): ImportSummary => ({
  registered: a.registered + b.registered,
  updated: a.updated + b.updated,
  rejected: a.rejected + b.rejected,
  errors: firstErrors(a.errors, b.errors),
});

export const EMPTY_SUMMARY: ImportSummary = { registered: 0, updated: 0, rejected: 0, errors: [] };
