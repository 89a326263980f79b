import { coordinationSubjects } from '@herald/contracts';
import type { RecordStore } from '@herald/event-log';
import type { Runtime } from '@herald/service-kit';
import { Reminder } from '../reminder.ts';
import type { BrokerClock } from './broker-clock.ts';
import { ClockCheck, type Verdict } from './clock-check.ts';
import { askLogTime } from './log-time.ts';

export interface WatchClockOptions {
  /** By how much our clock may differ from the log's, milliseconds. */
  readonly toleranceMs: number;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Names this process, without a dot: each has a subject of its own. */
  readonly senderId: string;
  readonly coordination: RecordStore;
  /** Kept right from the same exchanges. */
  readonly brokerClock: BrokerClock;
  /** Calls may begin (again). */
  readonly onRight: () => void;
  /** No call may begin for a time that nobody knows: what is in hand is better off elsewhere. */
  readonly onOff: () => void;
}

/** Compares the clock as long as the runtime runs, and says what comes of it in the log and in `/readyz`. */
export function watchClock(runtime: Runtime, options: WatchClockOptions): ClockCheck {
  const { log, broker, health } = runtime;
  const { now: wall, toleranceMs, coordination, brokerClock } = options;
  const subject = coordinationSubjects.clock(options.senderId);
  const steady = () => performance.now();
  const reminder = new Reminder();
  let failures = 0;
  const check = new ClockCheck({
    ask: () => askLogTime({ coordination, subject, wall, steady, brokerClock }),
    toleranceMs,
    wall,
    steady,
    onChange: (verdict) => {
      if (verdict.kind !== 'unknown') failures = 0;
      switch (verdict.kind) {
        case 'unknown':
          log.info(
            { why: verdict.why },
            'no call begins until the clock is compared with the time of the log',
          );
          return;
        case 'right':
          if (reminder.end()) log.info({ clock: verdict }, 'the clock is right again');
          options.onRight();
          return;
        case 'off':
          reminder.begin(() => {
            const { verdict: clock } = check;
            log.error({ clock, toleranceMs }, 'nothing is sent: the clock differs from the time of the log');
          });
          options.onOff();
          return;
        default:
          verdict satisfies never;
      }
    },
    onFailure: (error) => {
      failures += 1;
      const level = failures === 1 && broker.isConnected() ? 'warn' : 'debug';
      log[level]({ err: error }, 'the time of the log cannot be learnt');
    },
  });
  // What stood in memory may be gone with the old server, and another one may have another time.
  const forget = broker.onChange((connected) => {
    if (connected) check.compareNow();
  });
  health.add('clock', () => describe(check.verdict, toleranceMs));
  runtime.onStop('clock', () => {
    forget();
    reminder.end();
    check.close();
  });
  return check;
}

/** In words for an operator. */
function describe(verdict: Verdict, toleranceMs: number): true | string {
  switch (verdict.kind) {
    case 'right':
      return true;
    case 'unknown':
      return verdict.why;
    case 'off': {
      const { offsetMs, errorMs } = verdict;
      const way = offsetMs > 0 ? 'behind' : 'ahead of';
      const by = `${Math.abs(offsetMs).toFixed(0)} ms (give or take ${errorMs.toFixed(0)})`;
      return `the clock is ${by} ${way} the time of the log; tolerated are ${toleranceMs}`;
    }
    default:
      return verdict satisfies never;
  }
}
