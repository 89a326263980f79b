import type { Output } from './output.ts';

/** Says where a list goes on, where it does. */
export function noteMore(output: Output, nextCursor: string | null): void {
  if (nextCursor !== null) output.note(`There are more: --cursor ${nextCursor}`);
}
