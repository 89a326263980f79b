import type { MessageStatus } from '@herald/contracts';

/** The statuses as they stand in the bytes of a batch. Never reordered: rows hold the numbers. */
export const STATUSES = [
  'queued',
  'sent',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const satisfies readonly MessageStatus[];

/** All but the first: what a message can end as. */
export type EndStatus = Exclude<MessageStatus, 'queued'>;

export const numberOf = (status: MessageStatus): number => STATUSES.indexOf(status);

/** @throws Error for a number that is no status */
export function statusOf(number: number): MessageStatus {
  const status = STATUSES[number];
  if (status === undefined) throw new Error(`${number} is no message status`);
  return status;
}
