import { request } from 'undici';
import { z } from 'zod';
import type { SystemDescription } from '../local/description.ts';
import { DIRECTLY } from '../local/directly.ts';
import { journal } from './figures.ts';
import { followMailing } from './follow-mailing.ts';
import { importClients } from './import-clients.ts';
import { createProgress } from './progress.ts';
import { connectTo, type RestApi } from './rest-api.ts';
import type { DemoResult } from './result-table.ts';
import type { Screen } from './screen.ts';

const HOUR_MS = 3_600_000;

/** The demo itself: clients, one mailing to all of them, and what the provider got. */
export async function sendToEveryone(
  system: SystemDescription,
  clients: number,
  screen: Screen,
  signal: AbortSignal,
): Promise<DemoResult> {
  const [gateway] = system.gateway;
  const { providerControl } = system;
  if (gateway === undefined || providerControl === undefined) {
    throw new Error('The demo needs at least one gateway: there is nobody to talk to.');
  }
  screen.say(`The system is up: REST API ${gateway}/api/v1, documentation ${gateway}/docs/,`);
  screen.say(`  provider's journal ${providerControl}/journal/summary`);
  const api = connectTo(`${gateway}/api/v1`, signal);

  await importClients(api, clients, screen.say);
  const begin = performance.now();
  const mailingId = await orderMailing(api);
  screen.say(`Mailing ${mailingId} to everyone is ordered (POST /mailings); it starts now.`);
  const progress = createProgress(screen, clients);
  try {
    const stats = await followMailing({ api, mailingId, clients, progress, signal });
    const durationMs = performance.now() - begin;
    const { body } = await request(`${providerControl}/journal/summary`, { dispatcher: DIRECTLY, signal });
    return { clients, stats, durationMs, provider: journal.parse(await body.json()) };
  } finally {
    progress.stop();
  }
}

/** @returns its id. */
async function orderMailing(api: RestApi): Promise<string> {
  const now = Date.now();
  const order = {
    name: 'Demo',
    text: 'Hello from Herald!',
    startAt: new Date(now).toISOString(),
    endAt: new Date(now + HOUR_MS).toISOString(),
    filter: { everyone: true },
  };
  const body = { contentType: 'application/json', content: JSON.stringify(order) };
  const { id } = await api.post('/mailings', body, z.object({ id: z.string() }));
  return id;
}
