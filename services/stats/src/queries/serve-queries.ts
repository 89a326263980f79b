import {
  beginRebuildQuery,
  cancelRebuildQuery,
  dropGenerationQuery,
  generationsQuery,
  mailingStatsQuery,
  messageQuery,
  messagesFileQuery,
  messagesQuery,
  overviewQuery,
  positionsQuery,
  rebuildQuery,
  redriveStatsQuery,
  statsParkedQuery,
  whyQuery,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { Dependencies } from '../dependencies.ts';
import { dropGeneration } from '../generations/drop-generation.ts';
import { listGenerations } from '../generations/list-generations.ts';
import { listParked } from '../parked/list-parked.ts';
import { redrive } from '../parked/redrive.ts';
import { beginRebuild, cancelRebuild } from '../rebuild/begin-rebuild.ts';
import { lastJob } from '../rebuild/job.ts';
import { findMessage } from './find-message.ts';
import { listMessages } from './list-messages.ts';
import { mailingStats } from './mailing-stats.ts';
import { messagesFile } from './messages-file/messages-file.ts';
import { overview } from './overview.ts';
import { listPositions } from './positions/list-positions.ts';
import { why } from './why/why.ts';

/**
 * Answers what the gateway asks of the read models. Every instance answers, whoever folds.
 *
 * @returns ends the answering
 */
export function serveQueries(dependencies: Dependencies): () => Promise<void> {
  const { broker, log } = dependencies.runtime;
  const ends = [
    serveQuery(broker, log, overviewQuery, (request) => overview(dependencies, request)),
    serveQuery(broker, log, mailingStatsQuery, (request) => mailingStats(dependencies, request)),
    serveQuery(broker, log, messagesQuery, (request) => listMessages(dependencies, request)),
    serveQuery(broker, log, messagesFileQuery, (request) => messagesFile(dependencies, request)),
    serveQuery(broker, log, messageQuery, (request) => findMessage(dependencies, request)),
    serveQuery(broker, log, positionsQuery, (request) => listPositions(dependencies, request)),
    serveQuery(broker, log, whyQuery, (request) => why(dependencies, request)),
    serveQuery(broker, log, beginRebuildQuery, (request) => beginRebuild(dependencies, request)),
    serveQuery(broker, log, cancelRebuildQuery, () => cancelRebuild(dependencies)),
    serveQuery(broker, log, rebuildQuery, async () => ({ job: await lastJob(dependencies.database) })),
    serveQuery(broker, log, generationsQuery, () => listGenerations(dependencies)),
    serveQuery(broker, log, statsParkedQuery, (request) => listParked(dependencies, request)),
    serveQuery(broker, log, redriveStatsQuery, (request) => redrive(dependencies, request)),
    serveQuery(broker, log, dropGenerationQuery, (request) => dropGeneration(dependencies, request)),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}
