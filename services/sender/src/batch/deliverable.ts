import type { Recipient } from './directory.ts';
import type { MessageProgress } from './progress.ts';

/** A message that may be called for, with what it takes. */
export interface Deliverable {
  readonly message: MessageProgress;
  readonly recipient: Recipient;
}
