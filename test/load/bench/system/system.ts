import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { connectTo, type RestApi } from '../../../../infra/demo/rest-api.ts';
import type { Herald } from '../../../e2e/support/herald.ts';
import type { SystemDescription } from '../../../e2e/support/launcher.ts';
import { isAlive } from '../../../e2e/support/process-table.ts';

const summary = z.object({
  requests: z.int(),
  distinctAccepted: z.int(),
  repeatedAccepted: z.int(),
  inFlight: z.int(),
  firstAt: z.number().nullable(),
  lastAt: z.number().nullable(),
});
export type ProviderSummary = z.infer<typeof summary>;

const ENDED_EVERY_MS = 25;
const CONFLICT = 409;

/** A whole Herald that is measured, and what the benchmark knows of it. */
export class System {
  /** How many clients there are under each tag. */
  readonly audiences = new Map<string, number>();
  /** Messages a second that it was last seen to send to a provider that answers at once. */
  fullSpeed: number | undefined;
  readonly #herald: Herald;

  constructor(herald: Herald) {
    this.#herald = herald;
  }

  describe(): Promise<SystemDescription> {
    return this.#herald.describe();
  }

  /** `http://127.0.0.1:8000/api/v1` */
  async base(): Promise<string> {
    const [gateway = ''] = (await this.describe()).gateway;
    return `${gateway}/api/v1`;
  }

  async api(signal: AbortSignal): Promise<RestApi> {
    return connectTo(await this.base(), signal);
  }

  /** @returns whether it was still to be paused: one that has ended is not. @throws on any other refusal */
  async pause(mailingId: string): Promise<boolean> {
    return this.#steer('POST', `/mailings/${mailingId}/pause`);
  }

  /** Ends a mailing, unless it has ended. @throws on any other refusal */
  async removeMailing(mailingId: string): Promise<void> {
    await this.#steer('DELETE', `/mailings/${mailingId}`);
  }

  /** Does what an operator does. @throws on any refusal */
  async operate(method: string, path: string): Promise<void> {
    const { status, body } = await this.#herald.api.call(method, path);
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(body)}`);
  }

  async #steer(method: string, path: string): Promise<boolean> {
    const { status, body } = await this.#herald.api.call(method, path);
    if (status < 300) return true;
    if (status === CONFLICT) return false;
    throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(body)}`);
  }

  /** Tells the provider how to behave from now on; well where nothing is said. */
  async behave(behaviour: object = {}): Promise<void> {
    await this.#herald.provider.behave(behaviour);
  }

  async provider(): Promise<ProviderSummary> {
    return summary.parse(await this.#herald.provider.summary());
  }

  async forgetJournal(): Promise<void> {
    await this.#herald.provider.forget();
  }

  journalOf(text: string) {
    return this.#herald.provider.journalOf(text);
  }

  /** Ends a part in good order; the launcher brings it back. */
  async restart(part: string): Promise<void> {
    await this.#herald.signal(part, 'SIGTERM');
  }

  /** Stops all of it as Ctrl-C does, and leaves the data. */
  async halt(): Promise<void> {
    const pid = this.#herald.launcherPid;
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await sleep(ENDED_EVERY_MS);
  }

  /** Starts it on the data that are there; resolves when all of it is ready. */
  startAgain(): Promise<void> {
    return this.#herald.startAgain();
  }

  stop(): Promise<void> {
    return this.#herald.stop();
  }
}
