import { whyCodes, whyOutcome, whyQuery, whyReasons } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import { type GatewayApp, type GatewayDependencies, noteAbout } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { askService } from '../../reading/reach-broker.ts';
import { messageSchema } from '../../schemas/lists.ts';
import { idParameter } from '../../schemas/parameters.ts';

const OUTCOMES = `What became of the client in the mailing. \`queued\`, \`sent\`, \`failed\`, \`expired\`, \`cancelled\` and \`unknown\` are the states of its message. \`not-addressed\`: the mailing did not pick it when it started. \`not-started\`: the mailing has not started, or never will. \`being-planned\`: it is picked, and its message is not queued yet. \`undetermined\`: the statistics are behind the log, or something in it cannot be read`;

const codes = whyCodes.map((code) => `| \`${code}\` | ${whyReasons[code]} |`);
const DESCRIPTION = `Why a client got a mailing, or did not: the reason first, then what led to it, each with the event of the log that says so. Who is addressed is settled by the start, whatever the client became later.

| code | meaning, and the event at the position |
|---|---|
${codes.join('\n')}
`;

const answer = z
  .object({
    outcome: z.enum(whyOutcome.options).openapi({ description: OUTCOMES }),
    reasons: z.array(
      z
        .object({
          code: z.enum(whyCodes),
          text: z.string(),
          event: z.string().nullable().openapi({
            description:
              'The event at the position, or the fact that stands there inside `OutcomesRecorded`; null where it cannot be read',
          }),
          position: z.int(),
          at: z.string().openapi({ format: 'date-time' }),
        })
        .openapi('WhyReason'),
    ),
    message: messageSchema
      .optional()
      .openapi({ description: 'The message of the client, where there is one' }),
    asOf: z.string().openapi({ format: 'date-time' }),
  })
  .openapi('Why');

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/clients/{clientId}`,
  tags: ['Mailings'],
  summary: 'Why a client got a mailing, or did not',
  description: DESCRIPTION,
  request: { params: idParameter.extend({ clientId: idParameter.shape.id }) },
  responses: {
    200: json(
      'What became of it, and why; readable after its removal and the deletion of the mailing',
      answer,
    ),
    ...problems(404, 422),
  },
});

export function serveWhy(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { id: mailingId, clientId } = context.req.valid('param');
    noteAbout(context, { clientId });
    const found = await askService(dependencies, whyQuery, { mailingId, clientId });
    if (found.kind === 'missing') {
      return answerProblem(refusalProblem({ code: `${found.what}-not-found` }));
    }
    const { message: its, ...shown } = found.explanation;
    return Response.json({ ...shown, ...(its === null ? {} : { message: its }) });
  });
}
