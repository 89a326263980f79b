import type { Answer } from '../../src/provider/answer.ts';
import type { CallAbort } from '../../src/provider/call-abort.ts';
import type { SendRequest } from '../../src/provider/client.ts';
import type { CallLimits } from '../../src/provider/provider.ts';
import type { FirstRejection } from '../../src/provider/token-trust.ts';
import type { Caller } from './provider.ts';
import type { SenderLink } from './sender-link.ts';
import type { Surroundings } from './surroundings.ts';

/** The provider as one process sees it. */
export class CallingProvider {
  readonly #world: Surroundings;
  readonly #link: SenderLink;
  readonly #caller: Caller;
  readonly tokenRejected = false;
  /** How many calls may be under way. */
  admission = Number.POSITIVE_INFINITY;
  #inFlight = 0;

  constructor(world: Surroundings, link: SenderLink, caller: Caller) {
    this.#world = world;
    this.#link = link;
    this.#caller = caller;
  }

  get mayBegin(): boolean {
    return this.#inFlight < this.admission;
  }

  send(
    { messageId }: SendRequest,
    _rejected: FirstRejection | null,
    abort: CallAbort,
    { endAtMs }: CallLimits,
  ): Promise<Answer | null> {
    const { provider, poison } = this.#world;
    const here = this.#link.inThisLife();
    this.#inFlight += 1;
    return new Promise((resolve, reject) => {
      const toTheEndMs = Math.max(0, endAtMs - this.#caller.wallClock());
      const breakOff = provider.call(messageId, this.#caller, toTheEndMs, (call, answer) => {
        here(0, () => {
          this.#inFlight -= 1;
          call.answer = answer;
          try {
            poison.strike('answer', messageId);
            resolve(answer);
          } catch (error) {
            reject(error);
          }
        });
      });
      abort.onAbort(breakOff);
    });
  }
}
