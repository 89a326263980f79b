import type { ServerExit } from '@herald/embedded';
import { type PartEvent, type PartState, transition } from './part-state.ts';

/** One run of a process, from spawn to end. */
export type PartRun = {
  readonly pid: number;
  /** Resolves when it does its work; never settles when it ends before that. */
  readonly ready: Promise<void>;
  readonly exited: Promise<ServerExit>;
  /** Asks it to end in good order. */
  stop(): void;
  kill(): void;
};

export type PartDefinition = {
  readonly name: string;
  readonly port: number;
  /** @throws when it could not be started; is given up when the signal is aborted. */
  launch(signal: AbortSignal): Promise<PartRun>;
};

export type PartLoss = {
  readonly reason: string;
  readonly delayMs: number;
  /** Undefined where it could not be started at all. */
  readonly exit: ServerExit | undefined;
};

export type PartReport = {
  onUp(part: Part): void;
  /** It ended without being asked to, and comes back in `delayMs`. */
  onLost(part: Part, loss: PartLoss): void;
};

/** A process of the system which comes back, on the same port, until it is stopped. */
export type Part = {
  readonly name: string;
  readonly port: number;
  readonly state: PartState;
  /** Of the process that is there, starting or up. */
  readonly pid: number | undefined;
  /** Resolves when it is up for the first time. */
  readonly firstUp: Promise<void>;
  start(): void;
  /** From now on it does not come back, but is left to its work until `stop`. */
  retire(): void;
  /** Ends it for good: in good order, by force after `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

type PartEnd = { readonly reason?: string; readonly exit?: ServerExit };

/** Keeps a process running: starts it anew when it ends, after a growing delay. */
export function createPart(definition: PartDefinition, report: PartReport): Part {
  let state: PartState = { kind: 'idle' };
  let run: PartRun | undefined;
  let timer: NodeJS.Timeout | undefined;
  const launching = new AbortController();
  const firstUp = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();

  function dispatch(event: PartEvent, { reason = '', exit }: PartEnd = {}): void {
    const before = state;
    state = transition(before, event);
    if (state === before) return;
    switch (state.kind) {
      case 'starting':
        void attempt();
        break;
      case 'up':
        firstUp.resolve();
        report.onUp(part);
        break;
      case 'backing-off':
        timer = setTimeout(() => dispatch({ kind: 'waited' }), state.delayMs);
        report.onLost(part, { reason, delayMs: state.delayMs, exit });
        break;
      case 'stopping':
        launching.abort();
        run?.stop();
        break;
      case 'stopped':
        clearTimeout(timer);
        stopped.resolve();
        break;
    }
  }

  async function attempt(): Promise<void> {
    let end: PartEnd;
    try {
      const started = await definition.launch(launching.signal);
      run = started;
      if (launching.signal.aborted) started.stop();
      void started.ready.then(() => {
        if (run === started) dispatch({ kind: 'ready', atMs: performance.now() });
      });
      const exit = await started.exited;
      end = { reason: describeExit(exit), exit };
    } catch (error) {
      end = { reason: error instanceof Error ? error.message : String(error) };
    }
    run = undefined;
    dispatch({ kind: 'ended', atMs: performance.now() }, end);
  }

  const part: Part = {
    name: definition.name,
    port: definition.port,
    get state() {
      return state;
    },
    get pid() {
      return run?.pid;
    },
    firstUp: firstUp.promise,
    start: () => dispatch({ kind: 'start' }),
    retire: () => dispatch({ kind: 'retire' }),
    stop: async (graceMs) => {
      dispatch({ kind: 'stop' });
      const force = setTimeout(() => run?.kill(), graceMs);
      await stopped.promise;
      clearTimeout(force);
    },
  };
  return part;
}

function describeExit({ code, signal }: ServerExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
