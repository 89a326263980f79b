import { setTimeout as sleep } from 'node:timers/promises';
import type { Mailing } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import type { Herald } from '../../e2e/support/herald.ts';
import { Scenario } from '../../e2e/support/scenario.ts';
import { judge, type Verdict } from '../checker/judge.ts';
import { LIMITS, type Limits } from '../checker/limits.ts';
import type { Interruption, Interval, Observation, Strike } from '../checker/observation.ts';
import { digest } from './digest.ts';
import { MemorySampler } from './memory-sampler.ts';
import { observeMailings } from './observe-mailings.ts';
import { tell } from './progress.ts';
import { type Random, seededRandom } from './random.ts';
import { untilBack } from './until-back.ts';

/** One import at most: each has to be answered within the patience of the client. */
const IMPORT = 10_000;
/** Longer than everything may take to drain, so that the checker tells what is late, and not a time-out. */
const DRAIN_MS = 100_000;
const SENDER = /^(sender|sabotaged)-/;

/** Mailings under faults: strikes, remembers what was done and when, and has the outcome judged. */
export class Trial {
  readonly random: Random;
  readonly memory: MemorySampler;
  readonly #herald: Herald;
  readonly #running: { readonly scenario: Scenario; readonly id: string; readonly recipients: number }[] = [];
  readonly #interruptions: Interruption[] = [];
  readonly #brokerAway: Interval[] = [];
  readonly #heldUp: Interval[] = [];
  readonly #strikes: Strike[] = [];
  #settled = false;

  private constructor(herald: Herald) {
    this.#herald = herald;
    this.random = seededRandom();
    this.memory = new MemorySampler(herald);
  }

  /** Begins with a provider that behaves and has an empty journal. */
  static async begin(herald: Herald, title: string): Promise<Trial> {
    await herald.provider.behaveWell();
    await herald.provider.forget();
    const trial = new Trial(herald);
    tell(`--- ${title} (HERALD_FAULT_SEED=${trial.random.seed})`);
    return trial;
  }

  /** Registers so many clients, and starts a mailing to them. */
  async start(recipients: number, changes: object = {}): Promise<Mailing> {
    const scenario = new Scenario(this.#herald);
    for (let left = recipients; left > 0; left -= IMPORT) await scenario.registerMany(Math.min(left, IMPORT));
    const mailing = await scenario.createMailing(changes);
    this.#running.push({ scenario, id: mailing.id, recipients });
    tell(`a mailing to ${recipients} has started`);
    return mailing;
  }

  /** Moves the end of a running mailing to so many milliseconds from now. */
  async endIn(mailingId: string, milliseconds: number): Promise<void> {
    const endAt = new Date(Date.now() + milliseconds).toISOString();
    await this.#herald.api.expect('PATCH', `/mailings/${mailingId}`, { body: { endAt } });
    tell(`a mailing ends in ${milliseconds} ms`);
  }

  /** How many messages the provider has accepted. */
  async accepted(): Promise<number> {
    return (await this.#herald.provider.summary()).distinctAccepted;
  }

  get planned(): number {
    return this.#running.reduce((sum, { recipients }) => sum + recipients, 0);
  }

  /** Waits until the provider has accepted so many messages in all. */
  async untilAccepted(count: number, timeoutMs = 60_000): Promise<void> {
    const message = `${count} messages are accepted`;
    await eventually(async () => (await this.accepted()) >= count, { timeoutMs, everyMs: 50, message });
  }

  /** Waits until so many requests have arrived at the provider, accepted or not. */
  async untilRequested(count: number, timeoutMs = 60_000): Promise<void> {
    const isThere = async () => (await this.#herald.provider.summary()).requests >= count;
    await eventually(isThere, { timeoutMs, everyMs: 50, message: `${count} requests have arrived` });
  }

  /** Waits until the mailings are seen to go on: so many more messages are accepted. */
  async untilProgress(count: number, timeoutMs = 60_000): Promise<void> {
    await this.untilAccepted((await this.accepted()) + count, timeoutMs);
  }

  /** A fault lasts while `during` does. */
  async strike(what: string, during: () => Promise<unknown>): Promise<void> {
    const from = Date.now();
    tell(`${what} (${await this.accepted()} of ${this.planned} accepted)`);
    await during();
    this.#strikes.push({ what, from, until: Date.now() });
  }

  /** A fault that keeps requests on their way to the provider: they arrive when it is over. */
  async holdUp(what: string, during: () => Promise<unknown>): Promise<void> {
    const from = Date.now();
    await this.strike(what, during);
    this.#heldUp.push({ from, until: Date.now() });
  }

  /** Kills a part with SIGKILL, and waits until another process does its work. */
  kill(part: string): Promise<void> {
    return this.strike(`kill -9 of ${part}`, async () => {
      const before = await this.#herald.signal(part, 'SIGKILL');
      const at = Date.now();
      if (SENDER.test(part)) this.#interruptions.push({ kind: 'killed', what: part, at });
      await untilBack(this.#herald, part, before);
      if (part === 'nats-server') this.#brokerAway.push({ from: at, until: Date.now() });
    });
  }

  /**
   * Stops a process for a while, and lets it go on as if nothing had happened.
   *
   * @param ownPid where the launcher does not know the process
   */
  async freeze(part: string, milliseconds: number, ownPid?: number): Promise<void> {
    const pid = ownPid ?? (await this.#herald.pidOf(part));
    // 0 would be this process and all of its group.
    if (!pid) throw new Error(`${part} does not run`);
    await this.strike(`${part} is frozen for ${milliseconds / 1_000} s`, async () => {
      process.kill(pid, 'SIGSTOP');
      const from = Date.now();
      try {
        await sleep(milliseconds);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      if (SENDER.test(part))
        this.#interruptions.push({ kind: 'frozen', what: part, from, until: Date.now() });
    });
  }

  /** Ends a part in good order, and waits until its successor is ready. */
  restart(part: string): Promise<void> {
    return this.strike(`restart of ${part}`, async () => {
      await untilBack(this.#herald, part, await this.#herald.signal(part, 'SIGTERM'));
    });
  }

  /** Waits until all mailings are settled, and holds what happened against what was promised. */
  async verdict(limits: Partial<Limits> = {}): Promise<Verdict> {
    const notEnded = await this.#untilSettled();
    const { findings, figures } = await this.verdictNow(limits);
    return { figures, findings: [...notEnded, ...findings] };
  }

  /** Judges what has happened up to now: some of what has not ended yet is found as well. */
  async verdictNow(limits: Partial<Limits> = {}): Promise<Verdict> {
    const observation = await this.observe();
    const { findings, figures } = judge(observation, { ...LIMITS, ...limits });
    tell(`figures: ${JSON.stringify(figures)}`);
    const peaks = observation.memory.map(({ part, megabytes }) => `${part} ${Math.round(megabytes)}`);
    tell(`memory, MB at most: ${peaks.join(', ')}`);
    if (findings.length > 0) tell(`found: ${JSON.stringify(digest(findings), null, 2)}`);
    return { figures, findings };
  }

  async observe(): Promise<Observation> {
    // The journal first: whatever stands there is in the log by the time that is read.
    const requests = await this.#herald.provider.journal();
    await this.memory.look();
    const mailings = await observeMailings(this.#herald, this.#running);
    return {
      mailings,
      requests,
      interruptions: this.#interruptions,
      brokerAway: this.#brokerAway,
      heldUp: this.#heldUp,
      strikes: this.#strikes,
      memory: this.memory.peaks(),
    };
  }

  /** What a failed test leaves must not be sent in the next one. */
  async end(): Promise<void> {
    this.memory.stop();
    if (this.#settled) return;
    for (const { id } of this.#running) await this.#herald.api.call('DELETE', `/mailings/${id}`);
  }

  async #untilSettled(): Promise<Verdict['findings']> {
    const deadline = Date.now() + DRAIN_MS;
    try {
      for (const { scenario, id } of this.#running) {
        const { counts, status } = await scenario.untilAllEnded(id, Math.max(1, deadline - Date.now()));
        tell(`${status}: ${JSON.stringify(counts)}`);
        const isSettled = async () => (await scenario.mailing(id)).settledAt;
        await eventually(isSettled, { timeoutMs: 10_000, message: 'the mailing is settled' });
      }
      this.#settled = true;
      return [];
    } catch (error) {
      return [{ rule: 'drained soon', detail: error instanceof Error ? error.message : String(error) }];
    }
  }
}
