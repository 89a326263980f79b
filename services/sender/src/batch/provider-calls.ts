import { mayBeginUntil } from '../mailings/open-mailing.ts';
import { type Answer, tellsOfMessage } from '../provider/answer.ts';
import { CallAbort } from '../provider/call-abort.ts';
import type { BatchDependencies } from './batch-dependencies.ts';
import type { BatchEvent, Command } from './batch-state.ts';
import { reasonOf } from './isolation.ts';

interface CallUnderWay {
  readonly place: number;
  readonly mailingVersion: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** By the steady clock. */
  readonly began: number;
  readonly abort: CallAbort;
}

type CallCommand = Extract<Command, { kind: 'call' }>;

export interface ProviderCallsOptions {
  readonly dependencies: Pick<BatchDependencies, 'provider' | 'slots' | 'metrics' | 'now' | 'clock'>;
  readonly tell: (event: BatchEvent) => void;
  /** Does what the batch itself does not depend on. */
  readonly apart: (act: () => void) => void;
}

/** The calls of one batch, from their begin until their outcome is recorded. */
export class ProviderCalls {
  readonly #options: ProviderCallsOptions;
  readonly #underWay = new Set<CallAbort>();
  /** Places of messages that were called for and whose outcome is not recorded. */
  readonly #open = new Set<number>();

  constructor(options: ProviderCallsOptions) {
    this.#options = options;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Calls for one message, and tells the batch what came of it. */
  begin({ place, messageId, recipient, open, rejected }: CallCommand): Promise<void> | null {
    const { provider, slots, now, clock } = this.#options.dependencies;
    const abort = new CallAbort();
    this.#underWay.add(abort);
    this.#open.add(place);
    slots.callBegins();
    let call: CallUnderWay = { place, mailingVersion: 1, startedAt: 0, began: 0, abort };
    let asked = false;
    try {
      const request = { messageId, phone: recipient.phone, textJson: open.textJson };
      const mailingVersion = open.mailing.version;
      call = { ...call, mailingVersion, startedAt: now(), began: clock.now() };
      asked = true;
      const limits = { beginByMs: mayBeginUntil(open, call.startedAt), endAtMs: open.endAtMs };
      return provider.send(request, rejected, abort, limits).then(
        (answer) => this.#answered(call, answer),
        (error: unknown) => this.#callBroke(call, true, error),
      );
    } catch (error) {
      this.#callBroke(call, asked, error);
      return null;
    }
  }

  #answered(call: CallUnderWay, answer: Answer | null): void {
    const { place, mailingVersion, startedAt, began } = call;
    const durationMs = this.#options.dependencies.clock.now() - began;
    const made = tellsOfMessage(answer) ? { answer, startedAt, durationMs } : null;
    this.#callEnded(call, { kind: 'called', place, made, mailingVersion });
    if (made === null) this.settled([place]);
    if (answer !== null && answer.kind !== 'unsent')
      this.#options.apart(() => this.#options.dependencies.metrics.called(answer.kind, durationMs));
  }

  #callBroke(call: CallUnderWay, asked: boolean, error: unknown): void {
    const { place, mailingVersion } = call;
    this.#callEnded(call, { kind: 'call-broke', place, mailingVersion, asked, reason: reasonOf(error) });
  }

  #callEnded({ abort }: CallUnderWay, told: BatchEvent): void {
    this.#underWay.delete(abort);
    this.#options.tell(told);
    this.#options.dependencies.slots.callEnded();
  }

  /** Outcomes at these places stand in the log, or there is none to record. */
  settled(places: readonly number[]): void {
    let settled = 0;
    for (const place of places) if (this.#open.delete(place)) settled += 1;
    this.#options.dependencies.slots.settled(settled);
  }

  abort(reason: string): void {
    for (const call of this.#underWay) call.abort(reason);
  }

  /** The batch has left this process: what is not recorded is nobody's business here. */
  close(): void {
    this.#options.dependencies.slots.settled(this.#open.size);
    this.#open.clear();
  }
}
