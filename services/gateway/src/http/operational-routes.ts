import { COMMANDS_STREAM, commandSubjects } from '@herald/contracts';
import { type Broker, type LogWriter, topologyAnswers } from '@herald/event-log';
import { answerOps, type Health } from '@herald/service-kit';
import { within } from '../commands/within.ts';
import type { GatewayApp, GatewayDependencies } from './context.ts';

/** `/healthz`, `/readyz` and `/metrics`. */
export function serveOperationalRoutes(app: GatewayApp, { health, metrics }: GatewayDependencies): void {
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    app.get(path, async (context) => {
      context.set('route', path);
      const answer = await answerOps(path, health, metrics);
      return new Response(answer?.body, {
        status: answer?.status ?? 404,
        headers: { 'Content-Type': answer?.contentType ?? 'text/plain' },
      });
    });
  }
}

/** How long an answer about the streams holds: probes of many kinds may ask many times a second. Milliseconds. */
const HOLDS_MS = 1_000;
const PATIENCE_MS = 2_000;
/** Where the log is tried: no command has such an id. */
const PROBE = 'probe';

/**
 * Ready when the broker's streams answer, and store: after a write that was not acknowledged, or that found no room, one of
 * our own has to be. Other services may be away: what they do not do is accepted all the same.
 */
export function watchStreams(health: Health, broker: Broker, writer: LogWriter): void {
  let ended: { readonly at: number; readonly verdict: true | string } | undefined;
  let underWay: Promise<true | string> | undefined;
  const look = async (): Promise<true | string> => {
    const verdict = await checkStreams(broker, writer);
    ended = { at: performance.now(), verdict };
    underWay = undefined;
    return verdict;
  };
  health.add('streams', () => {
    if (!broker.isConnected()) return 'not connected to NATS';
    if (ended !== undefined && performance.now() - ended.at <= HOLDS_MS) return ended.verdict;
    underWay ??= look();
    // Whoever asks may have less patience than a look takes: a problem is told until it is found to be over.
    return ended === undefined || ended.verdict === true ? underWay : ended.verdict;
  });
}

/** Never throws. */
async function checkStreams(broker: Broker, writer: LogWriter): Promise<true | string> {
  try {
    const waited = await within(topologyAnswers(broker), PATIENCE_MS);
    if (waited.kind === 'late') return `the streams do not answer within ${PATIENCE_MS} ms`;
    // Who is not ready is sent no writes, and would never learn that they are stored again.
    return writer.inDoubt || broker.fullStreams.has(COMMANDS_STREAM) ? await tryLog(writer) : true;
  } catch (error) {
    return `the streams do not answer: ${error}`;
  }
}

async function tryLog(writer: LogWriter): Promise<true | string> {
  const { kind } = await writer.offer(commandSubjects.accepted(PROBE), '{}', {}, PATIENCE_MS);
  // A log without room is named as such by another part.
  return kind !== 'unanswered' || `${COMMANDS_STREAM} does not acknowledge within ${PATIENCE_MS} ms`;
}
