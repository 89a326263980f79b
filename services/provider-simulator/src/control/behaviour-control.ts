import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActiveBehaviour } from '../behaviour/active-behaviour.ts';
import type { Behaviour } from '../behaviour/behaviour-schema.ts';
import type { Listener } from '../http/listener.ts';
import type { InFlight } from '../send/in-flight.ts';

const REOPEN_PAUSE_MS = 100;

export interface ControlDependencies {
  readonly behaviour: ActiveBehaviour;
  readonly inFlight: InFlight;
  readonly sendListener: Listener;
  /** How long to try for the port, should somebody else have taken it during an outage. */
  readonly reopenWithinMs: number;
}

export type Applied = 'applied' | 'port-taken';

/** Puts behaviours in force, one after another; when it is done, the listener is as the behaviour says. */
export class BehaviourControl {
  readonly #dependencies: ControlDependencies;
  #last: Promise<unknown> = Promise.resolve();

  constructor(dependencies: ControlDependencies) {
    this.#dependencies = dependencies;
  }

  get current(): Behaviour {
    return this.#dependencies.behaviour.current;
  }

  /**
   * @param askedOn the connection the wish came on: spared when the others are cut, so that it gets its answer
   * @returns `port-taken` where an outage cannot be ended; the behaviour from before stays in force
   */
  apply(behaviour: Behaviour, askedOn: Socket): Promise<Applied> {
    const applied = this.#last.then(() =>
      behaviour.outage === 'refuse' ? this.#close(behaviour, askedOn) : this.#open(behaviour),
    );
    this.#last = applied.catch(() => undefined);
    return applied;
  }

  #close(behaviour: Behaviour, askedOn: Socket): Applied {
    const { behaviour: active, inFlight, sendListener } = this.#dependencies;
    active.replace(behaviour);
    inFlight.expectSevering();
    sendListener.stopListening();
    sendListener.sever(askedOn);
    return 'applied';
  }

  async #open(behaviour: Behaviour): Promise<Applied> {
    const { behaviour: active, sendListener, reopenWithinMs } = this.#dependencies;
    const before = active.current;
    // Before the port opens: its first request is to meet the new behaviour.
    active.replace(behaviour);
    for (const giveUpAt = Date.now() + reopenWithinMs; ; await sleep(REOPEN_PAUSE_MS)) {
      try {
        await sendListener.open();
        return 'applied';
      } catch (error) {
        if (Date.now() < giveUpAt) continue;
        active.replace(before);
        if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return 'port-taken';
        throw error;
      }
    }
  }
}
