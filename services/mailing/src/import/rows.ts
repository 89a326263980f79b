import type { ImportRow } from '@herald/contracts';
import { canonicalClient } from '@herald/domain';
import type { ImportTally } from './import-tally.ts';

/** Why a row is rejected whose phone somebody has, where duplicates are. */
export const IS_KNOWN = 'phone: is in the directory already';

/** The rows as they are stored. What no client can be is rejected here, before a phone is claimed for it. */
export function takeCanonical(rows: readonly ImportRow[], tally: ImportTally): ImportRow[] {
  return rows.flatMap((row) => {
    const canonical = canonicalClient(row);
    if (canonical.kind === 'canonical') return [canonical.attributes];
    tally.reject(row, canonical.refusal.code);
    return [];
  });
}

/** The first row of each phone, and the later ones of phones that stand twice in the chunk. */
export function splitByPhone(rows: readonly ImportRow[]): { first: ImportRow[]; repeated: ImportRow[] } {
  const seen = new Set<string>();
  const first: ImportRow[] = [];
  const repeated: ImportRow[] = [];
  for (const row of rows) {
    (seen.has(row.phone) ? repeated : first).push(row);
    seen.add(row.phone);
  }
  return { first, repeated };
}
