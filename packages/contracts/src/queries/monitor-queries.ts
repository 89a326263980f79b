import { z } from 'zod';

/** Every instance of every service listens here and answers for itself. */
export const MONITOR_SUBJECT = 'monitor.ping';

/** What an instance says of itself. `details` differ from service to service. */
export const instanceReport = z.object({
  service: z.string(),
  instance: z.string(),
  startedAt: z.string(),
  ready: z.boolean(),
  /** Why it is not ready, by the name of the part that is missing. */
  problems: z.record(z.string(), z.string()),
  details: z.record(z.string(), z.unknown()),
});
export type InstanceReport = z.infer<typeof instanceReport>;

/**
 * Every sender listens here: it ends the pause that the provider asked for, and says whether there was one. Each has a
 * pause of its own, so whoever asks waits for the answers of all of them.
 */
export const RESUME_PROVIDER_SUBJECT = 'control.sender.resume-provider';
export const providerResumed = z.object({ instance: z.string(), wasPaused: z.boolean() });
export type ProviderResumed = z.infer<typeof providerResumed>;
