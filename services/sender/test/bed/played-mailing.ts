import { type LocalWindow, type Mailing, newId } from '@herald/contracts';
import { someMailing } from '@herald/testkit';

export interface TestClient {
  readonly id: string;
  phone: string;
  timezone: string;
}

export interface MailingWishes {
  /** How many clients, or which. */
  readonly clients: number | readonly TestClient[];
  readonly endsInMs?: number;
  readonly localWindow?: LocalWindow | null;
  /** Calls a second. */
  readonly rateLimit?: number;
  readonly priority?: number;
  readonly batchSize?: number;
  /** Paused before its batches are queued. */
  readonly paused?: boolean;
}

/** A mailing as the test plays it. */
export interface PlayedMailing {
  readonly id: string;
  readonly clients: readonly TestClient[];
  readonly messageIds: readonly number[];
  readonly batches: number;
}

let nextPhone = 79_160_000_000;

export function makeClients(count: number, timezone = 'Europe/Moscow'): TestClient[] {
  return Array.from({ length: count }, () => {
    nextPhone += 1;
    return { id: newId(), phone: String(nextPhone), timezone };
  });
}

/** A mailing that has just started, as it is wished for. */
export function runningMailing(wishes: MailingWishes): Mailing {
  const now = new Date().toISOString();
  return someMailing({
    text: 'Good day, "friend"',
    startAt: now,
    endAt: new Date(Date.now() + (wishes.endsInMs ?? 600_000)).toISOString(),
    localWindow: wishes.localWindow ?? null,
    rateLimit: wishes.rateLimit ?? null,
    priority: wishes.priority ?? 5,
    status: 'running',
    createdAt: now,
    updatedAt: now,
    startedAt: now,
  });
}
