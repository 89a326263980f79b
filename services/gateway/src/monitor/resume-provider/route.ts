import { type ProviderResumed, providerResumed, RESUME_PROVIDER_SUBJECT } from '@herald/contracts';
import { askAll, QueryUnavailableError } from '@herald/service-kit';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { reachBroker } from '../../reading/reach-broker.ts';

const route = createRoute({
  method: 'post',
  path: `${API}/admin/provider/resume`,
  tags: ['Operation'],
  summary: 'End the pause that the provider asked for with Retry-After',
  description:
    'Every sender that hears it calls again, a few calls at first. Who is missing in the answer did not hear it: ' +
    'see `pausedUntil` of the monitor, and repeat the call. What the provider asks for from now on is honoured again.',
  responses: {
    200: json(
      'The senders that heard it',
      z.object({ senders: z.array(providerResumed) }).openapi('ProviderResumed'),
    ),
    ...problems(),
  },
});

export function serveResumeProvider(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async () => {
    const senders = await reachBroker(dependencies.broker, () => tellSenders(dependencies));
    if (senders.length === 0) throw new QueryUnavailableError(RESUME_PROVIDER_SUBJECT, 'no sender is there');
    return Response.json({ senders });
  });
}

/** Those that answer in another shape are of another release: they must not hide the others. */
async function tellSenders({ broker }: GatewayDependencies): Promise<ProviderResumed[]> {
  const senders: ProviderResumed[] = [];
  for await (const answer of askAll(broker, RESUME_PROVIDER_SUBJECT)) {
    const sender = providerResumed.safeParse(answer);
    if (sender.success) senders.push(sender.data);
  }
  return senders.sort((a, b) => a.instance.localeCompare(b.instance));
}
