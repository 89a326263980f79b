/** Into how many partitions the log is cut: a property of the log, fixed when it is created. */
export const PARTITIONS = 16;

/**
 * The partition of a key: FNV-1a over its UTF-16 code units, modulo {@link PARTITIONS}.
 * Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm" (RFC 9923), 32 bits.
 */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
}
