import { importQuery } from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import { beforeAll, beforeEach } from 'vitest';
import type { GatewayLimits } from '../src/http/limits.ts';
import { carryOutAll } from './entities.ts';
import type { Answer } from './harness.ts';
import { PlayedImports } from './played-imports.ts';
import { type GatewayBed, useGateway } from './use-gateway.ts';

/** How long the gateway waits for results and answers, milliseconds. */
export const WAIT_MS = 700;
export const CSV = { 'Content-Type': 'text/csv' };

export const phoneOf = (index: number): string => `79${String(index).padStart(9, '0')}`;

/** So many clients, the first with the phone of that number. */
export const csvOf = (count: number, from = 0): string =>
  `phone,timezone\n${Array.from({ length: count }, (_, index) => `${phoneOf(from + index)},UTC\n`).join('')}`;

export interface ImportBed {
  readonly harness: GatewayBed;
  /** What the mailing service says of every import that is asked for. */
  progress: { readonly chunksDone: number; readonly registered: number };
  /** What the mailing service tells of imports that it was sent. */
  readonly imports: PlayedImports;
  importCsv(body: string, headers?: Record<string, string>, query?: string): Promise<Answer>;
  /** The rows of all chunks that the mailing service has received. */
  rowsReceived(): { readonly phone: string; readonly line: number }[];
  commandsInStream(): Promise<number>;
}

/** A gateway with small limits, and a mailing service that carries out every import. */
export function useImports(limits: Partial<GatewayLimits> = {}): ImportBed {
  const harness = useGateway(
    { COMMAND_WAIT_MS: WAIT_MS, QUERY_WAIT_MS: WAIT_MS, BODY_LIMIT_BYTES: 1_024 },
    { badLines: 1_000, importPace: { bytes: 1_000, ms: 1_500 }, ...limits },
  );
  let imports: PlayedImports;
  const bed: ImportBed = {
    harness,
    progress: { chunksDone: 0, registered: 0 },
    get imports() {
      return imports;
    },
    importCsv: (body, headers = {}, query = '') =>
      harness.call('POST', `/clients/import${query}`, body, { ...CSV, ...headers }),
    rowsReceived: () =>
      harness.mailing.received.flatMap((command) =>
        command.type === 'ImportClients' ? command.data.rows : [],
      ),
    commandsInStream: async () =>
      (await harness.others.broker.manager.streams.info('COMMANDS')).state.messages,
  };
  beforeAll(async () => {
    const { broker, log } = harness.others;
    serveQuery(broker, log, importQuery, async () => ({
      chunksDone: bed.progress.chunksDone,
      summary: { registered: bed.progress.registered, updated: 0, rejected: 0, errors: [] },
    }));
    await broker.connection.flush();
    imports = new PlayedImports(harness);
    await imports.start();
  });
  beforeEach(() => {
    harness.mailing.play = carryOutAll;
    harness.mailing.delayMs = 0;
    harness.mailing.hangs = false;
    harness.mailing.failures = 0;
    harness.mailing.received.length = 0;
    imports.isAway = false;
    imports.pages = Number.POSITIVE_INFINITY;
  });
  return bed;
}
