import type { FoldedEvent } from '@herald/postgres';

/** More than this cannot be compared while everybody waits. */
const MOST = 50_000;

/** Whose events were folded since a comparison began: these are compared once more. */
export class Touched {
  readonly clients = new Set<string>();
  readonly mailings = new Set<string>();

  add(events: readonly FoldedEvent[]): void {
    for (const { event } of events) {
      if ('client' in event.data) this.clients.add(event.data.client.id);
      else if ('mailing' in event.data) this.mailings.add(event.data.mailing.id);
      else if ('mailingId' in event.data) this.mailings.add(event.data.mailingId);
    }
  }

  get areTooMany(): boolean {
    return this.clients.size + this.mailings.size > MOST;
  }
}
