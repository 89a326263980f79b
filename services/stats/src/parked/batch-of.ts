/** A batch, and where in the log it is spoken of. */
export interface BatchName {
  readonly mailingId: string;
  readonly batch: number;
  /** Both of its subjects. */
  readonly filter: string;
}

const SUBJECT = /^(events\.\d+\.message\.([0-9a-f-]{36})\.(\d+))\.(queued|outcome)$/;

/** The batch that a record speaks of, by its subject; null for a record about a client or a mailing. */
export function batchOf(subject: string): BatchName | null {
  const [, stem = '', mailingId = '', batch = ''] = SUBJECT.exec(subject) ?? [];
  return stem === '' ? null : { mailingId, batch: Number(batch), filter: `${stem}.*` };
}
