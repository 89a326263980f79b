import { newId } from '@herald/contracts';
import { openClaims, openCoordination } from '@herald/event-log';
import type { Runtime } from '@herald/service-kit';
import { CallSlots } from './batch/call-slots.ts';
import { type Decisions, decisions } from './batch/decisions.ts';
import { logReader } from './batch/log-reader.ts';
import { type LookUp, lookUp } from './batch/look-up.ts';
import { ParkedBatches } from './batch/parked-batches.ts';
import { transition } from './batch/transition.ts';
import { Undecidables } from './batch/undecidables.ts';
import { BrokerClock } from './clock/broker-clock.ts';
import { watchClock } from './clock/watch-clock.ts';
import { SenderCore } from './delivery/sender-core.ts';
import { mailingConsumer } from './intake/mailing-consumer.ts';
import type { ProviderLimits } from './limits/limits.ts';
import { followMailings } from './mailings/follow-mailings.ts';
import { endOf } from './mailings/open-mailing.ts';
import { OpenMailings } from './mailings/open-mailings.ts';
import { SenderMetrics } from './metrics.ts';
import { Claims } from './ownership/claims.ts';
import type { LeaseOptions } from './ownership/lease.ts';
import { hearResume } from './provider/hear-resume.ts';
import { Provider } from './provider/provider.ts';
import { tellOfProvider } from './provider/tell-of-provider.ts';
import { askRecipients, Directory } from './recipients/directory.ts';
import { WindowClock } from './recipients/window-clock.ts';
import { steadyClock } from './steady-clock.ts';

export interface SenderOptions {
  readonly providerUrl: string;
  readonly providerToken: string;
  readonly providerTimeoutMs: number;
  readonly idempotent: boolean;
  /** How many calls in all a message has that the provider refuses for what it is; 3 where absent. */
  readonly refusalAttempts?: number;
  /** How long a pause may be that the provider asks for, milliseconds; an hour where absent. */
  readonly longestPauseMs?: number;
  readonly concurrency: number;
  readonly deadlineGuardMs: number;
  /** By how much the clock may differ from the log's before nothing is sent, milliseconds. */
  readonly clockToleranceMs: number;
  /** The wall clock, milliseconds since 1970; tests set it wrong. */
  readonly now?: () => number;
  /** What all senders together may ask of the provider. No limit where absent. */
  readonly limits?: ProviderLimits;
  /** Copies of the stream through which senders agree, where it has to be made again; 1 where absent. */
  readonly replicas?: number;
  /** Times that tests shorten; the design's figures where absent. */
  readonly pace?: Partial<Pace>;
  /** Parts that tests replace to see that they are missed. */
  readonly parts?: {
    readonly lookUp?: LookUp;
    readonly endOf?: typeof endOf;
    readonly decisions?: Decisions;
  };
}

/** All in milliseconds. */
export interface Pace extends LeaseOptions {
  /** How long a delivery may stay without a renewal before the server gives it to somebody else. */
  readonly ackWaitMs: number;
  readonly breakerResetMs: number;
  readonly tokenProbeMs: number;
  /** Where a limit makes batches wait in hand, whom they go to is asked anew after so long. */
  readonly longestHeldMs: number;
  /** Where the provider may not be called, or only once to try, what is in hand goes back after so long. */
  readonly longestShutMs: number;
  /** How long an orderly stop waits for calls under way. */
  readonly stopWithinMs: number;
}

const PACE: Pace = {
  ackWaitMs: 30_000,
  renewEveryMs: 10_000,
  lostAfterMs: 20_000,
  breakerResetMs: 2_000,
  tokenProbeMs: 5_000,
  longestHeldMs: 60_000,
  longestShutMs: 10_000,
  // With the half second to record what was broken off this stays below the 6 s that a process has to stop.
  stopWithinMs: 4_500,
};

const NO_LIMITS: ProviderLimits = { callsPerSecond: null, callsAtOnce: null };

/** How many answers of the last 10 s it takes for the breaker to judge. */
const VOLUME_THRESHOLD = 20;

/** Composes the sender from its parts; it works until the runtime stops. */
export function startSender(runtime: Runtime, options: SenderOptions): void {
  const { log, broker, writer, health } = runtime;
  const limits = options.limits ?? NO_LIMITS;
  const pace: Pace = { ...PACE, ...options.pace };
  const now = options.now ?? Date.now;
  const replicas = options.replicas ?? 1;
  const { host } = new URL(options.providerUrl);
  const metrics = new SenderMetrics(runtime.metrics, host);
  const agreement = {
    senderId: newId(),
    coordination: openCoordination(broker, { replicas }),
    brokerClock: new BrokerClock(steadyClock.now),
  };
  const clock = watchClock(runtime, {
    ...agreement,
    toleranceMs: options.clockToleranceMs,
    now,
    onRight: () => core.wake(),
    onOff: () => core.handOver(),
  });
  if (options.clockToleranceMs > options.deadlineGuardMs) {
    log.warn('the clock may be further off than the guard before an end: calls may begin after it');
  }
  const told = tellOfProvider(log, metrics, () => core.handOver());
  const provider = new Provider({
    url: options.providerUrl,
    token: options.providerToken,
    timeoutMs: options.providerTimeoutMs,
    longestPauseMs: options.longestPauseMs ?? 3_600_000,
    connections: options.concurrency,
    breaker: { resetTimeoutMs: pace.breakerResetMs, volumeThreshold: VOLUME_THRESHOLD },
    tokenProbeMs: pace.tokenProbeMs,
    clocksDifferMs: 2 * options.clockToleranceMs,
    mayCall: () => clock.isRight,
    now,
    random: Math.random,
    ...told,
  });
  const undecidables = new Undecidables({
    log,
    metrics,
    now: steadyClock.now,
    onStopped: () => core.stopIntake(),
  });
  const mailings = new OpenMailings({
    now,
    clock: steadyClock,
    guardMs: options.deadlineGuardMs,
    endOf: options.parts?.endOf ?? endOf,
    onChange: (mailingId) => core.mailingChanged(mailingId),
  });
  const directory = new Directory({
    ask: askRecipients(broker),
    clock: steadyClock,
    random: Math.random,
    onRested: () => core.wake(),
  });
  const slots = new CallSlots({
    total: options.concurrency,
    // A repeat is a second message where the provider does not honour the id.
    mostOpen: options.idempotent ? 2 * options.concurrency : options.concurrency,
    onFree: () => core.slotFreed(),
  });
  const core = new SenderCore({
    consumerOf: (mailingId, startSequence) =>
      mailingConsumer(broker, { mailingId, startSequence, ackWaitMs: pace.ackWaitMs }),
    longestHeldMs: pace.longestHeldMs,
    longestShutMs: pace.longestShutMs,
    limits: { ...agreement, provider: limits, providerTimeoutMs: options.providerTimeoutMs },
    isFit: () => clock.verdict.kind !== 'off' && !(provider.tokenRejected && provider.admission === 0),
    tools: {
      slots,
      broker,
      reader: logReader(broker),
      writer,
      log,
      metrics,
      mailings,
      provider,
      parked: new ParkedBatches(steadyClock.now),
      directory,
      windows: new WindowClock(),
      claims: new Claims({
        broker,
        store: openClaims(broker, { replicas }),
        writer,
        log,
        owner: agreement.senderId,
        // The clocks of two senders may differ by twice the tolerance.
        heldForMs: pace.ackWaitMs + 2 * options.clockToleranceMs,
        now,
        clock: steadyClock,
        isClockRight: () => clock.isRight,
      }),
      lookUp: options.parts?.lookUp ?? lookUp,
      decisions: options.parts?.decisions ?? decisions,
      transition,
      undecidables,
      lease: pace,
      idempotent: options.idempotent,
      refusalAttempts: options.refusalAttempts ?? 3,
      now,
      clock: steadyClock,
      newId,
      random: Math.random,
    },
  });
  provider.onChange(() => core.providerChanged());
  hearResume(runtime, provider);

  let loaded = false;
  health.add('mailings', () => loaded || 'the mailing service has not said yet which mailings are open');
  health.add(
    'undecidable',
    () =>
      !undecidables.isStopped ||
      'too many messages could not be decided: nothing is taken in until a restart',
  );
  health.add('provider-token', () => !provider.tokenRejected || 'the provider rejects our token');
  metrics.watch({
    breakerState: () => provider.breakerState,
    callsInFlight: () => provider.inFlight,
    admission: () => Math.min(provider.admission, options.concurrency),
    pauseLeftMs: () => provider.pauseLeftMs,
    slotsInUse: () => slots.calls,
    outcomesUnrecorded: () => slots.open - slots.calls,
    batchesInHand: () => core.batchesInHand,
    intakeStopped: () => undecidables.isStopped,
    tokenRejected: () => provider.tokenRejected,
    clock: () => clock.verdict,
    rateLimit: () => limits.callsPerSecond,
    concurrencyLimit: () => limits.callsAtOnce,
    callsReserved: () => core.limits.reserved,
    permits: () => core.limits.permits,
    messagesWaiting: () => core.messagesWaiting,
  });
  runtime.describe(() => ({
    provider: {
      breaker: provider.breakerState,
      admission: Math.min(provider.admission, options.concurrency),
      pausedUntil: provider.pauseLeftMs === 0 ? null : new Date(now() + provider.pauseLeftMs).toISOString(),
      tokenRejected: provider.tokenRejected,
    },
    clock: clock.verdict,
    intake: undecidables.isStopped ? 'stopped' : 'open',
    slots: { used: slots.calls, total: slots.total },
    batchesInHand: core.batchesInHand,
    openMailings: mailings.size,
  }));

  const stopping = new AbortController();
  void followMailings({
    broker,
    log,
    mailings,
    signal: stopping.signal,
    onLoaded: () => {
      loaded = true;
    },
  });
  runtime.onStop('sender', async () => {
    stopping.abort();
    mailings.close();
    await core.stop(pace.stopWithinMs);
    directory.close();
    undecidables.close();
    await provider.close();
  });
}
