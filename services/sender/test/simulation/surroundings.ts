import type { Recipient } from '../../src/recipients/directory.ts';
import type { SimulatedBroker } from './broker.ts';
import type { SimulatedMailing } from './mailing.ts';
import type { Poison } from './poison.ts';
import type { SimulatedProvider } from './provider.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

/** How many calls in all a message has that the provider refuses for what it is. */
export const REFUSAL_ATTEMPTS = 3;

/** A safeguard that is switched off, to see that the judge misses it. */
export type Sabotage =
  | 'claims'
  | 'idempotence'
  | 'fencing'
  | 'deadline'
  | 'isolation'
  | 'gathering'
  | 'slots';

/** What a simulated sender has around it. */
export interface Surroundings {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly broker: SimulatedBroker;
  readonly provider: SimulatedProvider;
  readonly mailing: SimulatedMailing;
  readonly poison: Poison;
  /** Whether a lost answer may be repeated. */
  readonly idempotent: boolean;
  /** Whether senders have many slots: records wait for more outcomes only where many calls are under way. */
  readonly hasManySlots: boolean;
  readonly sabotage: Sabotage | null;
  /** How many answers of the broker get lost now, from 0 to 1. */
  readonly lossRate: number;
  /** Whom a client's message goes to at a time; `null` when the client was removed. */
  recipientOf(id: string, now: number): Recipient | null;
}
