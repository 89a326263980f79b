import type { IncomingMessage } from 'node:http';

export type ReadBody =
  | { readonly kind: 'complete'; readonly text: string }
  | { readonly kind: 'too-large' }
  /** The client left before it had sent the whole body. */
  | { readonly kind: 'broken-off' };

/**
 * Reads a request's body and calls back exactly once. What goes beyond the limit is thrown away as it comes,
 * so that the client can finish sending and read its answer.
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (read: ReadBody) => void): void {
  const blocks: Buffer[] = [];
  let length = 0;
  let isDone = false;
  const finish = (read: ReadBody): void => {
    if (isDone) return;
    isDone = true;
    done(read);
  };
  request.on('data', (block: Buffer) => {
    length += block.length;
    if (length > maxBytes) finish({ kind: 'too-large' });
    else blocks.push(block);
  });
  request.once('end', () => {
    const [only] = blocks;
    const bytes = blocks.length === 1 && only !== undefined ? only : Buffer.concat(blocks);
    finish({ kind: 'complete', text: bytes.toString('utf8') });
  });
  request.once('error', () => finish({ kind: 'broken-off' }));
  request.once('close', () => finish({ kind: 'broken-off' }));
}
