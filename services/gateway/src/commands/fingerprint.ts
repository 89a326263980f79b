import { createHash } from 'node:crypto';

/**
 * A hash of what somebody asked. One idempotency key under two fingerprints is a mistake of the sender. The order of
 * keys does not matter, and what is absent counts as not being there.
 */
export function fingerprintOf(asked: Record<string, unknown>): string {
  return createHash('sha256').update(canonical(asked)).digest('hex');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
