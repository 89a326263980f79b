import {
  clientsQuery,
  commandQuery,
  importQuery,
  importRecordQuery,
  importRejectedQuery,
  mailingsQuery,
  openMailingsQuery,
  pendingMailingsQuery,
  previewQuery,
  type QueryDefinition,
  recipientsQuery,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { DirectoryNotReadyError } from './current-position.ts';
import { findCommandResult } from './find-command-result.ts';
import { findImport } from './find-import.ts';
import { findRecipients } from './find-recipients.ts';
import { listClients } from './list-clients.ts';
import { listMailings } from './list-mailings.ts';
import { listOpenMailings, listPendingMailings } from './list-open-mailings.ts';
import { listRejectedLines } from './list-rejected-lines.ts';
import { previewAudience } from './preview-audience.ts';
import { sumImport } from './sum-import.ts';

/**
 * Answers what other services ask of the directory and of the mailings.
 *
 * @returns ends the answering
 */
export function serveQueries(dependencies: Dependencies): () => Promise<void> {
  const { broker, log } = dependencies.runtime;
  const serve = <Request extends z.ZodType, Reply extends z.ZodType>(
    query: QueryDefinition<Request, Reply>,
    answer: (dependencies: Dependencies, request: z.infer<Request>) => Promise<z.input<Reply>>,
  ) => serveQuery(broker, log, query, (request) => answer(dependencies, request), isNotReady);
  const ends = [
    serve(commandQuery, findCommandResult),
    serve(importQuery, sumImport),
    serve(importRecordQuery, findImport),
    serve(importRejectedQuery, listRejectedLines),
    serve(openMailingsQuery, listOpenMailings),
    serve(pendingMailingsQuery, listPendingMailings),
    serve(recipientsQuery, findRecipients),
    serve(clientsQuery, listClients),
    serve(mailingsQuery, listMailings),
    serve(previewQuery, previewAudience),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

/** A rebuild takes minutes and is logged by the fold. */
const isNotReady = (error: unknown): boolean => error instanceof DirectoryNotReadyError;
