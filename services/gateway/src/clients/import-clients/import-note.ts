import type { AcceptedNote, ImportOrder } from '@herald/contracts';
import type { GatewayShare } from './import-total.ts';

type ImportNote = Extract<AcceptedNote, { kind: 'import' }>;

/** What the errors of one note may take, bytes of UTF-8: notes stay for days in the room that commands have. */
const ERRORS_BYTES = 4 * 1_024;

/**
 * The note at the end of an import. Whoever was told the whole result needs no errors in it, and of an import that was
 * only accepted the first ones are kept, as many as fit.
 *
 * @param complete the answer says what became of every line
 */
export function importNote(
  order: ImportOrder,
  share: GatewayShare,
  chunks: number,
  complete: boolean,
): ImportNote {
  const { received, rejected } = share;
  const errors = complete ? [] : firstThatFit(share.errors);
  return { kind: 'import', order, chunks, received, rejected, errors };
}

function firstThatFit(errors: GatewayShare['errors']): ImportNote['errors'] {
  let left = ERRORS_BYTES;
  const end = errors.findIndex((error) => {
    left -= Buffer.byteLength(JSON.stringify(error)) + 1;
    return left < 0;
  });
  return errors.slice(0, end === -1 ? errors.length : end);
}
