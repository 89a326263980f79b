import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from './output.ts';
import { createPart, type Part, type PartDefinition } from './part.ts';
import { StartRefusedError } from './start-refused.ts';
import { stopInOrder } from './stop-order.ts';

/** Decides when a part stops: gateways first, what all stand on last. */
export type Role = 'foundation' | 'service' | 'gateway';

export type CrewOptions = {
  readonly output: Output;
  /** Aborted: whoever waits in `untilUp` gets its reason as an error. */
  readonly signal: AbortSignal | undefined;
  /** Called when a process came up or was lost. */
  onChange(): void;
};

/** All processes of one system. */
export type Crew = {
  /** `essential`: when it fails before it has ever been up, nobody has to wait for the rest. */
  start(definition: PartDefinition, role: Role, essential?: boolean): Part;
  /**
   * Waits until these are up, or `patienceMs` have passed; says every 2 s which are not.
   * @throws when an essential part can't be started, a part's environment does not fit, or the signal is aborted.
   */
  untilUp(parts: readonly Part[], patienceMs?: number): Promise<void>;
  list(): readonly Part[];
  stop(): Promise<void>;
};

/** With it a service ends whose environment does not fit, which no other try would mend. */
const MISFIT_EXIT_CODE = 2;
const MISFIT = 'Its environment does not fit; which variable is wrong stands among its lines above.';
const PROGRESS_EVERY_MS = 2_000;

export function createCrew({ output, signal, onChange }: CrewOptions): Crew {
  const members: Record<Role, Part[]> = { foundation: [], service: [], gateway: [] };
  const givenUp = Promise.withResolvers<never>();
  // Nobody may be waiting at the moment.
  givenUp.promise.catch(() => {});
  const abort = () => givenUp.reject(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });

  return {
    start: (definition, role, essential = false) => {
      let everUp = false;
      const part = createPart(definition, {
        onUp: ({ name, pid, port }) => {
          everUp = true;
          output.say(`${name} is up (process ${pid}, port ${port})`, { part: name, pid, port });
          onChange();
        },
        onLost: ({ name }, { reason, delayMs, exit }) => {
          const refuse = (why: string) =>
            givenUp.reject(new StartRefusedError(`${name} did not start. ${why}`));
          if (!everUp && essential) refuse(reason);
          else if (!everUp && exit?.code === MISFIT_EXIT_CODE) refuse(MISFIT);
          else
            output.warn(`${name} has ended (${reason}); it comes back in ${delayMs} ms`, {
              part: name,
              delayMs,
            });
          onChange();
        },
      });
      members[role].push(part);
      part.start();
      return part;
    },

    untilUp: async (parts, patienceMs) => {
      const missing = () => parts.filter(({ state }) => state.kind !== 'up').map(({ name }) => name);
      const progress = setInterval(() => {
        if (missing().length > 0) output.say(`waiting for ${missing().join(', ')}…`);
      }, PROGRESS_EVERY_MS);
      const end = new AbortController();
      const patience =
        patienceMs === undefined
          ? []
          : [sleep(patienceMs, undefined, { signal: end.signal }).catch(() => undefined)];
      const allUp = Promise.all(parts.map(({ firstUp }) => firstUp));
      try {
        await Promise.race([allUp, givenUp.promise, ...patience]);
      } finally {
        clearInterval(progress);
        end.abort();
      }
    },

    list: () => [...members.foundation, ...members.service, ...members.gateway],

    stop: () =>
      stopInOrder({
        gateways: members.gateway,
        services: members.service,
        foundation: members.foundation,
      }),
  };
}
