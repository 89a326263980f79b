const UUID_OID = 2950;
const HEADER_BYTES = 20;
/** Length of an element, and the element. */
const ELEMENT_BYTES = 4 + 16;

/**
 * A parameter of type `uuid[]` in PostgreSQL's binary format, which the driver passes on as it is. In text an id
 * costs the server 1.4 µs more (docs/adr/0036).
 * Source: PostgreSQL, `array_recv` in `src/backend/utils/adt/arrayfuncs.c`.
 *
 * @param ids in the usual form, 32 hexadecimal digits and hyphens
 */
export function uuidArray(ids: readonly string[]): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + ids.length * ELEMENT_BYTES);
  // Dimensions, whether there are nulls, the elements' type; then how many elements, counted from 1.
  for (const [index, value] of [1, 0, UUID_OID, ids.length, 1].entries())
    bytes.writeInt32BE(value, index * 4);
  for (const [index, id] of ids.entries()) {
    const offset = HEADER_BYTES + index * ELEMENT_BYTES;
    bytes.writeInt32BE(16, offset);
    bytes.write(id.replaceAll('-', ''), offset + 4, 'hex');
  }
  return bytes;
}
