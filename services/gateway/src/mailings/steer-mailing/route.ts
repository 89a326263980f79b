import { commandSubjects } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import { carryOut } from '../../commands/carry-out.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { conditionalHeaders, expectedVersionOf } from '../../schemas/headers.ts';
import { mailing } from '../../schemas/mailing.ts';
import { idParameter } from '../../schemas/parameters.ts';

const request = { params: idParameter, headers: conditionalHeaders };
const accepted = json('It could not be answered in time and will be carried out', acceptedCommand);

const pause = createRoute({
  method: 'post',
  path: `${API}/mailings/{id}/pause`,
  tags: ['Mailings'],
  summary: 'Pause a running mailing',
  request,
  responses: { 200: json('The paused mailing', mailing), 202: accepted, ...problems(404, 409, 412, 422) },
});

const resume = createRoute({
  method: 'post',
  path: `${API}/mailings/{id}/resume`,
  tags: ['Mailings'],
  summary: 'Resume a paused mailing',
  request,
  responses: { 200: json('The running mailing', mailing), 202: accepted, ...problems(404, 409, 412, 422) },
});

const remove = createRoute({
  method: 'delete',
  path: `${API}/mailings/{id}`,
  tags: ['Mailings'],
  summary: 'Delete a mailing, in any state',
  description: 'What was not sent is cancelled. Its statistics and messages stay readable by id.',
  request,
  responses: { 204: { description: 'It is deleted' }, 202: accepted, ...problems(404, 409, 412, 422) },
});

/** Pausing, resuming and deleting: calls that only name a mailing. */
export function serveSteerMailing(app: GatewayApp, dependencies: GatewayDependencies): void {
  const steering = [
    { route: pause, type: 'PauseMailing' },
    { route: resume, type: 'ResumeMailing' },
    { route: remove, type: 'DeleteMailing' },
  ] as const;
  for (const { route, type } of steering) {
    serveRoute(app, route, dependencies.bodies, async (context) => {
      const mailingId = context.req.valid('param').id;
      const headers = context.req.valid('header');
      return carryOut(context, dependencies, {
        headers,
        about: { kind: 'mailing', id: mailingId },
        command: () => ({
          subject: commandSubjects.mailing(mailingId),
          body: { type, data: { mailingId, ...expectedVersionOf(headers) } },
        }),
      });
    });
  }
}
