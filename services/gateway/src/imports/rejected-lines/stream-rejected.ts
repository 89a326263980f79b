import { setTimeout as sleep } from 'node:timers/promises';
import { importRejectedQuery } from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import type { GatewayDependencies } from '../../http/context.ts';
import { askService, BrokerUnavailableError } from '../../reading/reach-broker.ts';
import { REJECTED_HEADER, rejectedCsvLine } from './rejected-csv.ts';

/** A page is asked for as long as so many reads wait, before the file is broken off; and how long in between, milliseconds. */
const PATIENCE = 3;
const ASK_AGAIN_MS = 500;
/** So many lines are written between two looks whether something else has its turn. */
const LINES_AT_ONCE = 100;

/**
 * The file of all rejected lines of an import, page by page as it is read: whoever reads slowly holds one page, and no
 * connection or transaction of the database.
 *
 * @param breakOff ends the connection where a page cannot be had any more: a file that ends early must not look whole
 * @throws QueryUnavailableError, BrokerUnavailableError where not even the first page can be had
 */
export async function streamRejected(
  dependencies: GatewayDependencies,
  importId: string,
  breakOff: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const pieces = csvPieces(dependencies, importId, await askPage(dependencies, importId, null));
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          const piece = await pieces.next();
          if (piece.done === true) controller.close();
          else controller.enqueue(Buffer.from(piece.value));
        } catch (error) {
          dependencies.log.warn({ err: error, importId }, 'a file of rejected lines is broken off');
          breakOff();
        }
      },
      cancel: async () => {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* csvPieces(
  dependencies: GatewayDependencies,
  importId: string,
  first: Page,
): AsyncGenerator<string, void, void> {
  yield REJECTED_HEADER;
  let page = first;
  for (;;) {
    for (let from = 0; from < page.lines.length; from += LINES_AT_ONCE) {
      await dependencies.turns.work();
      const lines = page.lines.slice(from, from + LINES_AT_ONCE);
      yield lines.map(rejectedCsvLine).join('');
    }
    if (page.next === null) return;
    page = await readPage(dependencies, importId, page.next);
  }
}

type Page = Awaited<ReturnType<typeof askPage>>;

const askPage = (dependencies: GatewayDependencies, importId: string, after: number | null) =>
  askService(dependencies, importRejectedQuery, { importId, after });

/** @throws QueryUnavailableError, BrokerUnavailableError */
async function readPage(dependencies: GatewayDependencies, importId: string, after: number): Promise<Page> {
  const endsAt = performance.now() + PATIENCE * dependencies.queryWaitMs;
  for (;;) {
    try {
      return await askPage(dependencies, importId, after);
    } catch (error) {
      const isAway = error instanceof QueryUnavailableError || error instanceof BrokerUnavailableError;
      if (!isAway || performance.now() > endsAt || dependencies.stopping.aborted) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}
