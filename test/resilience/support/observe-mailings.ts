import type { Herald } from '../../e2e/support/herald.ts';
import type { Scenario } from '../../e2e/support/scenario.ts';
import type { ObservedMailing } from '../checker/observation.ts';
import { readMailingLogs } from './read-mailing-log.ts';

/** What log, statistics and the list of messages say of these mailings, side by side. */
export async function observeMailings(
  herald: Herald,
  mailings: readonly { readonly scenario: Scenario; readonly id: string }[],
): Promise<readonly ObservedMailing[]> {
  const logs = await readMailingLogs(
    herald.natsUrl,
    mailings.map(({ id }) => id),
  );
  return Promise.all(
    mailings.map(async ({ scenario, id }): Promise<ObservedMailing> => {
      const log = logs.find(({ mailing }) => mailing.id === id);
      if (log === undefined) throw new Error(`nothing was read of mailing ${id}`);
      const { planned, counts } = await scenario.statistics(id);
      const messages = await scenario.messagesOf(id);
      return {
        id,
        text: log.mailing.text,
        endAt: Date.parse(log.mailing.endAt),
        audience: log.mailing.audience?.messages ?? null,
        planned: log.planned,
        outcomes: log.outcomes,
        statistics: { planned, counts },
        messages: messages.map((message) => ({ id: message.id, status: message.status })),
      };
    }),
  );
}
