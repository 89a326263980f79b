import { type Behaviour, healthyBehaviour } from './behaviour-schema.ts';
import { type AttemptedMessage, compileRules, drawLatency } from './choose-fault.ts';
import type { Fault } from './fault-schema.ts';
import { randomForAttempt } from './random.ts';
import { SlidingWindow } from './sliding-window.ts';

// Offsets the seed, so that how long a message takes says nothing about whether it fails.
const LATENCY_SEED_OFFSET = 0x5bd1e995;

/** The behaviour in force, prepared for the request path. Replacing it begins a new rate window. */
export class ActiveBehaviour {
  #behaviour: Behaviour = healthyBehaviour;
  #chooseFault = compileRules([]);
  #window: SlidingWindow | null = null;

  get current(): Behaviour {
    return this.#behaviour;
  }

  replace(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    this.#chooseFault = compileRules(behaviour.rules);
    const limit = behaviour.rateLimitPerSecond;
    this.#window = limit === undefined ? null : new SlidingWindow(limit);
  }

  /** Counts this request against the rate limit; false means that it is above. */
  admits(now: number): boolean {
    return this.#window === null || this.#window.admits(now);
  }

  faultFor(message: AttemptedMessage): Fault | null {
    const { rules, seed } = this.#behaviour;
    if (rules.length === 0) return null;
    return this.#chooseFault(message, randomForAttempt(seed, message.messageId, message.attempt));
  }

  /** Milliseconds to wait before the answer to this attempt. */
  latencyFor(messageId: number, attempt: number): number {
    const { latencyMs, seed } = this.#behaviour;
    if (typeof latencyMs === 'number') return latencyMs;
    return drawLatency(latencyMs, randomForAttempt(seed + LATENCY_SEED_OFFSET, messageId, attempt));
  }
}
