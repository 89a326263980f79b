import { mailingStatsQuery, messageQuery, messagesQuery, overviewQuery } from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { Parts } from '../parts.ts';
import { findMessage } from './find-message.ts';
import { listMessages } from './list-messages.ts';
import { mailingStats } from './mailing-stats.ts';
import { overview } from './overview.ts';

/**
 * Answers what the gateway asks of the read models. Every instance answers, whoever folds.
 *
 * @returns ends the answering
 */
export function serveQueries(parts: Parts): () => Promise<void> {
  const { broker, log } = parts.runtime;
  const ends = [
    serveQuery(broker, log, overviewQuery, (request) => overview(parts, request)),
    serveQuery(broker, log, mailingStatsQuery, (request) => mailingStats(parts, request)),
    serveQuery(broker, log, messagesQuery, (request) => listMessages(parts, request)),
    serveQuery(broker, log, messageQuery, (request) => findMessage(parts, request)),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}
