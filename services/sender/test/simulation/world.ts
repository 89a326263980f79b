import type { EventData } from '@herald/contracts';
import type { Recipient } from '../../src/recipients/directory.ts';
import { SimulatedBroker } from './broker.ts';
import { clientIdOf, MAILING_ID, messageIdOf, zoneOf } from './ids.ts';
import { SimulatedMailing } from './mailing.ts';
import { POISONED_ZONE, POISONS, Poison } from './poison.ts';
import { SimulatedProvider } from './provider.ts';
import { Random } from './random.ts';
import { Schedule } from './schedule.ts';
import { SimulatedSender } from './sender.ts';
import type { Sabotage, Surroundings } from './surroundings.ts';
import { ZONES } from './windows.ts';

/** A time in which the calls of a sender may be repeated by others without anybody's fault. */
export interface Trouble {
  readonly sender: number;
  readonly from: number;
  readonly to: number;
}

/** Everything that one seed makes: a mailing, a broker, a provider, senders, and what befalls them. */
export class World implements Surroundings {
  readonly random: Random;
  readonly schedule = new Schedule();
  readonly broker: SimulatedBroker;
  readonly provider: SimulatedProvider;
  readonly mailing: SimulatedMailing;
  readonly senders: readonly SimulatedSender[];
  readonly sabotage: Sabotage | null;
  readonly poison: Poison;
  readonly idempotent: boolean;
  readonly isCalm: boolean;
  readonly hasManySlots: boolean;
  readonly #lossRate: number;
  readonly troubles: Trouble[] = [];
  readonly removedAt = new Map<string, number>();
  readonly endAtMs: number;
  /** How long an answer of the provider takes at most, milliseconds. */
  readonly slowestCallMs: number;
  /** When the last fault is over, milliseconds. */
  quietFrom = 0;
  /** How many struck while there was work to do. */
  faults = 0;

  /** @param isCalm nothing befalls anybody, and there is time enough */
  constructor(seed: number, sabotage: Sabotage | null = null, isCalm = false) {
    const random = new Random(seed);
    this.random = random;
    this.sabotage = sabotage;
    this.isCalm = isCalm;
    this.idempotent = seed % 2 === 0;
    this.endAtMs = isCalm ? CALM_MS : random.between(20_000, 150_000);
    this.#lossRate = !isCalm && random.chance(0.7) ? random.next() * 0.1 : 0;
    if (this.#lossRate > 0) this.quietFrom = this.endAtMs;
    const window = random.chance(0.3) ? { from: '00:00', to: '12:00' } : null;
    this.broker = new SimulatedBroker(this.schedule, makeBatches(random), () => this.#batchCompleted());
    this.poison = poisonOne(seed, this.broker, this.endAtMs);
    this.mailing = new SimulatedMailing(this.schedule, this.endAtMs, window, random.between(5, 1_500));
    this.slowestCallMs = random.pick([500, 1_500, 4_000]);
    const isRough = !isCalm && random.chance(0.7);
    const upTo = (most: number): number => (isRough ? random.next() * most : 0);
    const temper = {
      refused: upTo(0.2),
      lostBefore: upTo(0.1),
      lostAfter: upTo(0.1),
      hangs: upTo(0.03),
      slowestMs: this.slowestCallMs,
    };
    this.provider = new SimulatedProvider(this.schedule, random, temper);
    this.hasManySlots = random.chance(MANY_SLOTS_RATE);
    this.senders = Array.from(
      { length: random.between(3, 4) },
      (_, number) => new SimulatedSender(this, number),
    );
  }

  /** How many answers of the broker get lost, from 0 to 1; none after the last fault. */
  get lossRate(): number {
    return this.schedule.now < this.quietFrom ? this.#lossRate : 0;
  }

  /** Whom a client's message goes to now; `null` when the client was removed. */
  readonly recipientOf = (id: string, now: number): Recipient | null => {
    const removedAt = this.removedAt.get(id);
    if (removedAt !== undefined && removedAt <= now) return null;
    const isPoisoned = messageIdOf(id) === this.poison.messageId;
    const hasZoneOfItsOwn = isPoisoned && (this.poison.at === 'window' || this.poison.at === 'opening');
    const timezone = hasZoneOfItsOwn ? POISONED_ZONE : ZONES[zoneOf(id)];
    return this.poison.recipient(messageIdOf(id), timezone);
  };

  /** Records that a sender's calls may have been under way when something befell it. */
  trouble(sender: number, from: number, to: number): void {
    this.troubles.push({ sender, from, to });
  }

  #batchCompleted(): void {
    if (this.broker.isThrough) this.schedule.after(this.random.between(1, 50), () => this.mailing.settle());
  }
}

/** With many slots all is sent soon, and the longer accidents come too late. */
const MANY_SLOTS_RATE = 0.15;

/** Time enough for everything where nothing is in the way, milliseconds. */
const CALM_MS = 600_000;

/** One message of each seed, by numbers of its own: the accidents of a seed stay what they are. */
function poisonOne(seed: number, broker: SimulatedBroker, endAtMs: number): Poison {
  const random = new Random(seed ^ 0x5eed);
  const { batch, firstMessageId, clientIds } = random.pick(broker.slots).queued;
  const messageId = firstMessageId + random.between(0, clientIds.length - 1);
  return new Poison(batch, messageId, random.pick(POISONS), endAtMs);
}

function makeBatches(random: Random): EventData<'MessagesQueued'>[] {
  const batches: EventData<'MessagesQueued'>[] = [];
  let messageId = 1;
  for (let batch = random.between(3, 5); batch >= 0; batch -= 1) {
    const clientIds = Array.from({ length: random.between(8, 24) }, (_, index) =>
      clientIdOf(messageId + index, index % 2 === 0 ? 0 : 1),
    );
    batches.push({
      mailingId: MAILING_ID,
      batch: batches.length,
      timezone: 'UTC',
      firstMessageId: messageId,
      clientIds,
    });
    messageId += clientIds.length;
  }
  return batches;
}
