import type { CommandResult } from '@herald/contracts';

/** What the log line says of a result; the entity's ids, never its attributes. */
export function describeResult({ outcome }: CommandResult): Record<string, unknown> {
  switch (outcome.kind) {
    case 'client':
      return { clientId: outcome.client.id, version: outcome.client.version };
    case 'mailing':
      return {
        mailingId: outcome.mailing.id,
        version: outcome.mailing.version,
        status: outcome.mailing.status,
      };
    case 'removed':
      return { removed: true };
    case 'imported':
      return { registered: outcome.summary.registered, rejected: outcome.summary.rejected };
    case 'refused':
      return { refused: outcome.refusal.code };
    default:
      return outcome satisfies never;
  }
}
