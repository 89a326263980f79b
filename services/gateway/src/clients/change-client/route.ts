import { commandSubjects } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import { carryOut } from '../../commands/carry-out.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { refuseEmptyPatch } from '../../problems/empty-patch.ts';
import { client, clientPatch } from '../../schemas/client.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { conditionalHeaders, expectedVersionOf } from '../../schemas/headers.ts';
import { idParameter } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'patch',
  path: `${API}/clients/{id}`,
  tags: ['Clients'],
  summary: 'Change a client (JSON merge patch)',
  request: {
    params: idParameter,
    headers: conditionalHeaders,
    body: {
      required: true,
      content: {
        'application/merge-patch+json': { schema: clientPatch },
        'application/json': { schema: clientPatch },
      },
    },
  },
  responses: {
    200: json('The client as it is now', client),
    202: json('It could not be answered in time and will be carried out', acceptedCommand),
    ...problems(404, 409, 412, 413, 415, 422),
  },
});

export function serveChangeClient(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const clientId = context.req.valid('param').id;
    const headers = context.req.valid('header');
    const changes = context.req.valid('json');
    refuseEmptyPatch(changes);
    return carryOut(context, dependencies, {
      headers,
      about: { kind: 'client', id: clientId },
      asked: changes,
      command: () => ({
        subject: commandSubjects.client(clientId),
        body: { type: 'ChangeClient', data: { clientId, ...expectedVersionOf(headers), changes } },
      }),
    });
  });
}
