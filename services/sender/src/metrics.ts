import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Answer } from './provider/answer.ts';
import type { BreakerState } from './provider/breaker.ts';

/** What is read when somebody looks. */
export interface SenderGauges {
  readonly breakerState: () => BreakerState;
  readonly slotsInUse: () => number;
  readonly batchesInHand: () => number;
  readonly tokenRejected: () => boolean;
  /** Calls a second over all senders, calls at once over all senders; `null` is no limit. */
  readonly rateLimit: () => number | null;
  readonly concurrencyLimit: () => number | null;
  readonly callsReserved: () => number;
  /** `null` without a limit. */
  readonly permits: () => number | null;
  readonly messagesWaiting: () => number;
}

const BREAKER_VALUE: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 };
const RESULTS = ['sent', 'failed', 'refused', 'throttled', 'lost', 'token-rejected'] as const;

/** The sender's own metrics. */
export class SenderMetrics {
  readonly #calls: Record<Answer['kind'], Counter.Internal>;
  readonly #duration: Histogram;
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
    const calls = new Counter({
      name: 'herald_sender_calls_total',
      help: 'Calls to the provider by what came of them.',
      labelNames: ['result'],
      registers: [registry],
    });
    // Bound once: looking a label up costs more than counting.
    this.#calls = Object.fromEntries(RESULTS.map((result) => [result, calls.labels(result)])) as Record<
      Answer['kind'],
      Counter.Internal
    >;
    this.#duration = new Histogram({
      name: 'herald_sender_call_duration_seconds',
      help: 'How long calls to the provider took.',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
      registers: [registry],
    });
  }

  called(result: Answer['kind'], durationMs: number): void {
    this.#calls[result].inc();
    this.#duration.observe(durationMs / 1_000);
  }

  /** Adds the metrics that are read off the parts when somebody looks. */
  watch(gauges: SenderGauges): void {
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(read());
        },
      });
    };
    gauge(
      'herald_sender_breaker_state',
      'The breaker before the provider: 0 closed, 1 half-open, 2 open.',
      () => BREAKER_VALUE[gauges.breakerState()],
    );
    gauge('herald_sender_slots_in_use', 'Messages between call and recorded outcome.', gauges.slotsInUse);
    gauge('herald_sender_batches_in_hand', 'Batches claimed and not given back.', gauges.batchesInHand);
    gauge(
      'herald_sender_provider_rate_limit',
      'Calls to the provider a second that all senders may make together; 0 is no limit.',
      () => gauges.rateLimit() ?? 0,
    );
    gauge(
      'herald_sender_provider_concurrency_limit',
      'Calls that all senders may have under way together; 0 is no limit.',
      () => gauges.concurrencyLimit() ?? 0,
    );
    gauge(
      'herald_sender_tokens_waiting',
      'Calls that this sender has reserved of a rate limit and not begun.',
      gauges.callsReserved,
    );
    gauge(
      'herald_sender_permits',
      'Calls that this sender may have under way of a concurrency limit; 0 without one.',
      () => gauges.permits() ?? 0,
    );
    gauge(
      'herald_sender_messages_waiting',
      'Messages in hand whose call could begin if slots, provider and limits allowed it.',
      gauges.messagesWaiting,
    );
    gauge('herald_sender_token_rejected', '1 while the provider rejects our token.', () =>
      gauges.tokenRejected() ? 1 : 0,
    );
  }
}
