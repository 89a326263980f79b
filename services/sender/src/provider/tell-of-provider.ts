import type { Logger } from '@herald/service-kit';
import type { SenderMetrics } from '../metrics.ts';
import { Reminder } from '../reminder.ts';
import type { ProviderOptions } from './provider.ts';

/** Says what becomes of the provider, in the log and in figures. */
export function tellOfProvider(
  log: Logger,
  metrics: SenderMetrics,
  handOver: () => void,
): Pick<ProviderOptions, 'onBreaker' | 'onToken'> {
  const reminder = new Reminder();
  let troubled = false;
  return {
    onBreaker: (state) => {
      metrics.breakerMoved(state);
      // In an outage it goes from open to half-open and back every two seconds: said once, not all night.
      if (state === 'open' && !troubled) log.warn('the breaker before the provider opened');
      if (state === 'closed') log.info('the breaker before the provider closed: calls go up step by step');
      troubled = state !== 'closed';
    },
    onToken: (rejected, statusCode) => {
      if (rejected) {
        reminder.begin(() => {
          log.error({ statusCode }, 'the provider rejects our token: nothing is sent until it is mended');
        });
        // The token of other senders may be right, and then what this one has in hand need not wait.
        handOver();
      } else if (reminder.end()) {
        log.info({ statusCode }, 'the provider takes our token again');
      }
    },
  };
}
