import { commandSubjects } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import { carryOut } from '../../commands/carry-out.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { refuseEmptyPatch } from '../../problems/empty-patch.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { conditionalHeaders, expectedVersionOf } from '../../schemas/headers.ts';
import { mailing, mailingPatch } from '../../schemas/mailing.ts';
import { idParameter } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'patch',
  path: `${API}/mailings/{id}`,
  tags: ['Mailings'],
  summary: 'Change a mailing (JSON merge patch)',
  description:
    'Once it has started, `name`, `text`, `endAt`, `localWindow`, `rateLimit` and `priority` may change; after its end nothing.',
  request: {
    params: idParameter,
    headers: conditionalHeaders,
    body: {
      required: true,
      content: {
        'application/merge-patch+json': { schema: mailingPatch },
        'application/json': { schema: mailingPatch },
      },
    },
  },
  responses: {
    200: json('The mailing as it is now', mailing),
    202: json('It could not be answered in time and will be carried out', acceptedCommand),
    ...problems(404, 409, 412, 413, 415, 422),
  },
});

export function serveChangeMailing(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const mailingId = context.req.valid('param').id;
    const headers = context.req.valid('header');
    const changes = context.req.valid('json');
    refuseEmptyPatch(changes);
    return carryOut(context, dependencies, {
      headers,
      about: { kind: 'mailing', id: mailingId },
      asked: changes,
      command: () => ({
        subject: commandSubjects.mailing(mailingId),
        body: { type: 'ChangeMailing', data: { mailingId, ...expectedVersionOf(headers), changes } },
      }),
    });
  });
}
