import { commandSubjects, deriveId } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import { carryOut } from '../../commands/carry-out.ts';
import { type GatewayApp, type GatewayDependencies, noteAbout } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { client, newClient } from '../../schemas/client.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { writeHeaders } from '../../schemas/headers.ts';

const route = createRoute({
  method: 'post',
  path: `${API}/clients`,
  tags: ['Clients'],
  summary: 'Add a client',
  request: {
    headers: writeHeaders,
    body: { required: true, content: { 'application/json': { schema: newClient } } },
  },
  responses: {
    201: json('The client; `Location` and `ETag` name it and its version', client),
    202: json('It could not be answered in time and will be carried out', acceptedCommand),
    ...problems(409, 413, 415, 422),
  },
});

export function serveRegisterClient(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const asked = context.req.valid('json');
    return carryOut(context, dependencies, {
      headers: context.req.valid('header'),
      asked,
      created: true,
      command: (id) => {
        const clientId = deriveId(id, 'client');
        noteAbout(context, { clientId });
        return {
          subject: commandSubjects.client(clientId),
          body: { type: 'RegisterClient', data: { clientId, ...asked } },
        };
      },
    });
  });
}
