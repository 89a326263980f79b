import { Herald, type HeraldOptions } from '../../../e2e/support/herald.ts';
import { System } from './system.ts';

/** The systems of a run: those that scenarios share are started once, and those that are not wanted any more end. */
export class Systems {
  readonly #running = new Map<string, System>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** The system with these options, and no other: two at once would share the machine. */
  async only(options: HeraldOptions): Promise<System> {
    const wanted = JSON.stringify(options);
    for (const [key, system] of this.#running) {
      if (key !== wanted) await this.#stop(key, system);
    }
    return this.#running.get(wanted) ?? this.beside(wanted, options);
  }

  /** Another system beside those that run. @param key by which it is known until all are stopped */
  async beside(key: string, options: HeraldOptions): Promise<System> {
    this.#say(`Starting a system (${describe(options)})…`);
    const system = new System(await Herald.start(options));
    this.#running.set(key, system);
    return system;
  }

  async stopAll(): Promise<void> {
    for (const [key, system] of this.#running) await this.#stop(key, system);
  }

  /** A stop that takes long or is no clean one says nothing about what was measured: it is told, and no more. */
  async #stop(key: string, system: System): Promise<void> {
    this.#running.delete(key);
    this.#say('Stopping a system…');
    await system
      .stop()
      .catch((error: unknown) => this.#say(`The system did not stop well: ${String(error)}`));
  }
}

function describe({ args = [], environment = {} }: HeraldOptions): string {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [...args, ...settings].join(' ') || 'as npm start';
}
