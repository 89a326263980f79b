import { type Journal, STATUSES, type Statistics } from './figures.ts';

/**
 * Compares what was asked for, what the system counts and what the provider counts.
 * @returns what disagrees, a sentence each; nothing when every client got exactly one message.
 */
export function findDisagreements(clients: number, stats: Statistics, provider: Journal): readonly string[] {
  const { planned, counts } = stats;
  const sum = STATUSES.reduce((total, status) => total + counts[status], 0);
  const { distinctAccepted, repeatedAccepted } = provider;
  const checks: readonly (readonly [boolean, string])[] = [
    [planned === clients, `${clients} clients, but ${planned} messages were planned`],
    [counts.sent === planned, `${planned} messages were planned, but ${counts.sent} were sent`],
    [sum === planned, `${planned} messages were planned, but the statuses sum to ${sum}`],
    [
      distinctAccepted === counts.sent,
      `${counts.sent} messages count as sent, but the provider has accepted ${distinctAccepted}`,
    ],
    [
      distinctAccepted === clients,
      `${clients} clients, but the provider has accepted ${distinctAccepted} messages`,
    ],
    [repeatedAccepted === 0, `the provider was sent ${repeatedAccepted} messages again that it had accepted`],
  ];
  return checks.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}
