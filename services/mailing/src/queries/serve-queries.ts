import {
  clientsQuery,
  commandQuery,
  importQuery,
  mailingsQuery,
  openMailingsQuery,
  pendingMailingsQuery,
  previewQuery,
  recipientsQuery,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { Parts } from '../parts.ts';
import { findCommandResult } from './find-command-result.ts';
import { findRecipients } from './find-recipients.ts';
import { listClients } from './list-clients.ts';
import { listMailings } from './list-mailings.ts';
import { listOpenMailings, listPendingMailings } from './list-open-mailings.ts';
import { previewAudience } from './preview-audience.ts';
import { sumImport } from './sum-import.ts';

/**
 * Answers what other services ask of the directory and of the mailings.
 *
 * @returns ends the answering
 */
export function serveQueries(parts: Parts): () => Promise<void> {
  const { broker, log } = parts.runtime;
  const ends = [
    serveQuery(broker, log, commandQuery, (request) => findCommandResult(parts, request)),
    serveQuery(broker, log, importQuery, (request) => sumImport(parts, request)),
    serveQuery(broker, log, openMailingsQuery, (request) => listOpenMailings(parts, request)),
    serveQuery(broker, log, pendingMailingsQuery, (request) => listPendingMailings(parts, request)),
    serveQuery(broker, log, recipientsQuery, (request) => findRecipients(parts, request)),
    serveQuery(broker, log, clientsQuery, (request) => listClients(parts, request)),
    serveQuery(broker, log, mailingsQuery, (request) => listMailings(parts, request)),
    serveQuery(broker, log, previewQuery, (request) => previewAudience(parts, request)),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}
