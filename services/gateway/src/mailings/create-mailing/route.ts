import { commandSubjects, DEFAULT_PRIORITY, deriveId, type Refusal } from '@herald/contracts';
import { createRoute, type z } from '@hono/zod-openapi';
import { carryOut } from '../../commands/carry-out.ts';
import { type GatewayApp, type GatewayDependencies, noteAbout } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { acceptedCommand } from '../../schemas/command.ts';
import { writeHeaders } from '../../schemas/headers.ts';
import { mailing, newMailing } from '../../schemas/mailing.ts';

const route = createRoute({
  method: 'post',
  path: `${API}/mailings`,
  tags: ['Mailings'],
  summary: 'Add a mailing',
  description: 'It starts by itself at `startAt`, or at once when that has passed.',
  request: {
    headers: writeHeaders,
    body: { required: true, content: { 'application/json': { schema: newMailing } } },
  },
  responses: {
    201: json('The mailing; `Location` and `ETag` name it and its version', mailing),
    202: json('It could not be answered in time and will be carried out', acceptedCommand),
    ...problems(413, 415, 422),
  },
});

export function serveCreateMailing(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const asked = context.req.valid('json');
    const headers = context.req.valid('header');
    const fault = faultOfTimes(asked, headers['Idempotency-Key'] === undefined ? dependencies.now() : null);
    if (fault !== null) return answerProblem(refusalProblem(fault));
    return carryOut(context, dependencies, {
      headers,
      asked,
      created: true,
      command: (id) => {
        const mailingId = deriveId(id, 'mailing');
        noteAbout(context, { mailingId });
        const data = {
          mailingId,
          ...asked,
          name: asked.name ?? null,
          localWindow: asked.localWindow ?? null,
          rateLimit: asked.rateLimit ?? null,
          priority: asked.priority ?? DEFAULT_PRIORITY,
        };
        return { subject: commandSubjects.mailing(mailingId), body: { type: 'CreateMailing', data } };
      },
    });
  });
}

/**
 * What is wrong with start and end, by our clock. The mailing service decides again; it alone decides about a repeat
 * under an idempotency key (`now` null), which is to get its first answer also after the end.
 */
function faultOfTimes({ startAt, endAt }: z.output<typeof newMailing>, now: Date | null): Refusal | null {
  if (endAt <= startAt) return { code: 'mailing-end-not-after-start' };
  return now !== null && endAt <= now.toISOString() ? { code: 'mailing-end-in-past' } : null;
}
