import { type Broker, topologyAnswers } from '@herald/event-log';
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

/** Ready when the broker's streams answer. Other services may be away: what they do not do is accepted all the same. */
export function watchStreams(health: Health, broker: Broker): void {
  let last: { readonly at: number; readonly answer: Promise<true | string> } | undefined;
  health.add('streams', () => {
    if (!broker.isConnected()) return 'not connected to NATS';
    if (last === undefined || performance.now() - last.at > HOLDS_MS) {
      last = { at: performance.now(), answer: checkStreams(broker) };
    }
    return last.answer;
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
