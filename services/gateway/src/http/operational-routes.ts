import { COMMANDS_STREAM, commandSubjects } from '@herald/contracts';
import { type Broker, type LogWriter, topologyAnswers } from '@herald/event-log';
import { answerOps, type Health } from '@herald/service-kit';
import { within } from '../commands/within.ts';
import type { GatewayApp, GatewayParts } from './context.ts';

/** `/healthz`, `/readyz` and `/metrics`. */
export function serveOperationalRoutes(app: GatewayApp, { health, metrics }: GatewayParts): void {
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
const ROOM_PROBE = 'room';

/** Ready when the broker's streams answer. Other services may be away: what they do not do is accepted all the same. */
export function watchStreams(health: Health, broker: Broker, writer: LogWriter): void {
  let last: { readonly at: number; readonly answer: Promise<true | string> } | undefined;
  health.add('streams', () => {
    if (!broker.isConnected()) return 'not connected to NATS';
    if (last === undefined || performance.now() - last.at > HOLDS_MS) {
      last = { at: performance.now(), answer: checkStreams(broker) };
      if (broker.fullStreams.has(COMMANDS_STREAM)) tryRoom(writer);
    }
    return last.answer;
  });
}

/** Who is not ready is sent no writes, and would never learn that there is room again. */
function tryRoom(writer: LogWriter): void {
  writer.offer(commandSubjects.accepted(ROOM_PROBE), '{}', {}, PATIENCE_MS).catch(() => {
    // The next look tries again.
  });
}

async function checkStreams(broker: Broker): Promise<true | string> {
  try {
    const waited = await within(topologyAnswers(broker), PATIENCE_MS);
    return waited.kind === 'settled' ? true : `the streams do not answer within ${PATIENCE_MS} ms`;
  } catch (error) {
    return `the streams do not answer: ${error}`;
  }
}
