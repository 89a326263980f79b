import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Verdict } from './clock/clock-check.ts';
import type { Answer } from './provider/answer.ts';
import type { BreakerState } from './provider/breaker.ts';

/** What is read when somebody looks. */
export interface SenderGauges {
  readonly breakerState: () => BreakerState;
  readonly callsInFlight: () => number;
  /** How many calls may be in flight, no more than there are slots. */
  readonly admission: () => number;
  readonly pauseLeftMs: () => number;
  readonly slotsInUse: () => number;
  readonly outcomesUnrecorded: () => number;
  readonly batchesInHand: () => number;
  /** True when nothing is taken in any more, since too many messages could not be decided. */
  readonly intakeStopped: () => boolean;
  readonly tokenRejected: () => boolean;
  readonly clock: () => Verdict;
  /** Calls a second over all senders, calls at once over all senders; `null` is no limit. */
  readonly rateLimit: () => number | null;
  readonly concurrencyLimit: () => number | null;
  readonly callsReserved: () => number;
  /** `null` without a limit. */
  readonly permits: () => number | null;
  readonly messagesWaiting: () => number;
}

const BREAKER_VALUE: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 };
type CallAnswer = Exclude<Answer['kind'], 'unsent'>;
const RESULTS = [
  'sent',
  'failed',
  'declined',
  'rejected',
  'refused',
  'throttled',
  'lost',
  'token-rejected',
] as const satisfies ReadonlyArray<CallAnswer>;

/** The sender's own metrics. */
export class SenderMetrics {
  readonly #provider: string;
  readonly #transitions: Counter;
  readonly #calls: Record<CallAnswer, Counter.Internal>;
  readonly #duration: Histogram;
  readonly #undecided: Counter;
  readonly #batchesBroken: Counter;
  readonly #registry: Registry;

  /** @param provider host and port, the label of what is about the provider */
  constructor(registry: Registry, provider: string) {
    this.#registry = registry;
    this.#provider = provider;
    this.#transitions = new Counter({
      name: 'herald_sender_breaker_transitions_total',
      help: 'How often the breaker before the provider came into a state.',
      labelNames: ['provider', 'to'],
      registers: [registry],
    });
    for (const to of Object.keys(BREAKER_VALUE)) this.#transitions.inc({ provider, to }, 0);
    const calls = new Counter({
      name: 'herald_sender_calls_total',
      help: 'Calls to the provider by what came of them.',
      labelNames: ['result'],
      registers: [registry],
    });
    // Bound once: looking a label up costs more than counting.
    this.#calls = Object.fromEntries(RESULTS.map((result) => [result, calls.labels(result)])) as Record<
      CallAnswer,
      Counter.Internal
    >;
    this.#undecided = new Counter({
      name: 'herald_sender_undecidable_messages_total',
      help: 'How often an error of ours kept a message from being decided: put off, or set aside for good.',
      labelNames: ['result'],
      registers: [registry],
    });
    for (const result of ['put-off', 'set-aside']) this.#undecided.inc({ result }, 0);
    this.#batchesBroken = new Counter({
      name: 'herald_sender_undecidable_batches_total',
      help: 'How often an error of ours, or a record that cannot be read, kept a whole batch from being worked on.',
      registers: [registry],
    });
    this.#duration = new Histogram({
      name: 'herald_sender_call_duration_seconds',
      help: 'How long calls to the provider took.',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
      registers: [registry],
    });
  }

  /** A message could not be decided: for now, or for the last time. */
  undecided(isSetAside: boolean): void {
    this.#undecided.inc({ result: isSetAside ? 'set-aside' : 'put-off' });
  }

  batchBroke(): void {
    this.#batchesBroken.inc();
  }

  called(result: CallAnswer, durationMs: number): void {
    this.#calls[result].inc();
    this.#duration.observe(durationMs / 1_000);
  }

  breakerMoved(to: BreakerState): void {
    this.#transitions.inc({ provider: this.#provider, to });
  }

  /** Adds the metrics that are read off the parts when somebody looks. */
  watch(gauges: SenderGauges): void {
    this.#gauge(
      'breaker_state',
      'The breaker before the provider: 0 closed, 1 half-open, 2 open.',
      () => BREAKER_VALUE[gauges.breakerState()],
      { provider: this.#provider },
    );
    this.#gauge('calls_in_flight', 'Calls to the provider that wait for its answer.', gauges.callsInFlight);
    this.#gauge(
      'admission',
      'How many calls may be in flight now; all slots where nothing holds them back.',
      gauges.admission,
    );
    this.#gauge(
      'pause_seconds',
      'What is left of the pause that the provider asked for.',
      () => gauges.pauseLeftMs() / 1_000,
    );
    this.#gauge('slots_in_use', 'Calls under way.', gauges.slotsInUse);
    this.#gauge(
      'outcomes_unrecorded',
      'Outcomes of calls that the log has not acknowledged.',
      gauges.outcomesUnrecorded,
    );
    this.#gauge('batches_in_hand', 'Batches claimed and not given back.', gauges.batchesInHand);
    this.#gauge(
      'intake_stopped',
      '1 when too many messages could not be decided: nothing is taken in until a restart.',
      () => (gauges.intakeStopped() ? 1 : 0),
    );
    this.#watchLimits(gauges);
    this.#gauge('token_rejected', '1 while the provider rejects our token.', () =>
      gauges.tokenRejected() ? 1 : 0,
    );
    this.#watchClock(gauges.clock);
  }

  #watchLimits(gauges: SenderGauges): void {
    this.#gauge(
      'provider_rate_limit',
      'Calls to the provider a second that all senders may make together; 0 is no limit.',
      () => gauges.rateLimit() ?? 0,
    );
    this.#gauge(
      'provider_concurrency_limit',
      'Calls that all senders may have under way together; 0 is no limit.',
      () => gauges.concurrencyLimit() ?? 0,
    );
    this.#gauge(
      'tokens_waiting',
      'Calls that this sender has reserved of a rate limit and not begun.',
      gauges.callsReserved,
    );
    this.#gauge(
      'permits',
      'Calls that this sender may have under way of a concurrency limit; 0 without one.',
      () => gauges.permits() ?? 0,
    );
    this.#gauge(
      'messages_waiting',
      'Messages in hand whose call could begin if slots, provider and limits allowed it.',
      gauges.messagesWaiting,
    );
  }

  #watchClock(clock: () => Verdict): void {
    const read = (of: 'offsetMs' | 'errorMs') => () => {
      const verdict = clock();
      return verdict.kind === 'unknown' ? Number.NaN : verdict[of] / 1_000;
    };
    this.#gauge('clock_trusted', '1 while the clock agrees with the time of the log.', () =>
      clock().kind === 'right' ? 1 : 0,
    );
    this.#gauge(
      'clock_offset_seconds',
      'By how much the clock is behind the time of the log (negative: ahead); not a number while unknown.',
      read('offsetMs'),
    );
    this.#gauge('clock_error_seconds', 'How wrong that figure can be.', read('errorMs'));
  }

  #gauge(name: string, help: string, read: () => number, labels: Record<string, string> = {}): void {
    new Gauge({
      name: `herald_sender_${name}`,
      help,
      labelNames: Object.keys(labels),
      registers: [this.#registry],
      collect() {
        this.set(labels, read());
      },
    });
  }
}
