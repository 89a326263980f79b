import { createHash, randomUUID } from 'node:crypto';

/** A new random identity (UUID version 4). */
export const newId = (): string => randomUUID();

/**
 * The identity that belongs to a seed, the same at every call: a UUID of version 8 (RFC 9562, "custom")
 * filled from SHA-256. What a command creates gets its id this way, so a command that is carried out twice
 * names the same entity twice instead of making two.
 *
 * @param parts joined by a character that none of them can hold
 */
export function deriveId(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(parts.join('\u0000')).digest('hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
