import type { Output } from './output.ts';
import type { Saved } from './save.ts';
import { formatBytes, formatCount } from './text.ts';

/** Says what a file holds now; of what went to standard output nothing is said there. */
export function tellSaved(output: Output, saved: Saved): void {
  if (saved.file === null) return;
  output.show(saved, () => `${saved.file}: ${formatCount(saved.lines)} lines, ${formatBytes(saved.bytes)}.`);
}
