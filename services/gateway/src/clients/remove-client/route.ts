import { commandSubjects } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import { carryOut } from '../../commands/carry-out.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { conditionalHeaders, expectedVersionOf } from '../../schemas/headers.ts';
import { idParameter } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'delete',
  path: `${API}/clients/{id}`,
  tags: ['Clients'],
  summary: 'Remove a client',
  request: { params: idParameter, headers: conditionalHeaders },
  responses: {
    204: { description: 'It is removed; messages that wait for it fail as client-removed' },
    202: json('It could not be answered in time and will be carried out', acceptedCommand),
    ...problems(404, 412, 422),
  },
});

export function serveRemoveClient(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const clientId = context.req.valid('param').id;
    const headers = context.req.valid('header');
    return carryOut(context, dependencies, {
      headers,
      about: { kind: 'client', id: clientId },
      command: () => ({
        subject: commandSubjects.client(clientId),
        body: { type: 'RemoveClient', data: { clientId, ...expectedVersionOf(headers) } },
      }),
    });
  });
}
