import { type ProviderResumed, RESUME_PROVIDER_SUBJECT } from '@herald/contracts';
import type { Runtime } from '@herald/service-kit';
import type { Provider } from './provider.ts';

/** Ends the pause that the provider asked for when an operator says so, and answers whether there was one. */
export function hearResume(
  { broker, instance, log }: Pick<Runtime, 'broker' | 'instance' | 'log'>,
  provider: Pick<Provider, 'resume'>,
): void {
  broker.connection.subscribe(RESUME_PROVIDER_SUBJECT, {
    callback: (error, message) => {
      // The server refused the subscription: this is no message.
      if (error !== null) return;
      const wasPaused = provider.resume();
      if (wasPaused) log.warn('the pause that the provider asked for was ended by hand');
      message.respond(JSON.stringify({ instance, wasPaused } satisfies ProviderResumed));
    },
  });
}
