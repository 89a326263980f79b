import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { directRequestOf } from '../../http/direct-request.ts';
import { API, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { idParameter } from '../../schemas/parameters.ts';
import { proofSums, provenCall, unreadableRecord } from './proof.ts';
import { readProof } from './read-proof.ts';

const line = z.union([provenCall, unreadableRecord, proofSums]).openapi('DeadlineProofLine');

const DESCRIPTION = `Every call to the provider that the log holds, one a line, with the end that held when it began. Read from the log alone: every figure can be checked there, at the positions named. Streamed as NDJSON.

The end that held is that of the last state of the mailing before the record of the call which was stored (by the broker's clock, in whole milliseconds) when the call began (by the sender's), or whose version the sender worked with. So a change holds from the moment at which it is stored, whether or not a sender had heard of it: a call after an end that was brought forward a moment before is shown as one after the end. What a sender had read stood in the log before, whatever the clocks say. Nothing behind the record counts. A sender whose clock differs from the broker's by more than \`CLOCK_TOLERANCE_MS\` makes no calls.

A record that was written twice, since its acknowledgement was lost, stands there twice. A call whose answer was lost with its process has no record, and no line. The last line sums up: \`afterEnd\` must be 0. A file without it is cut off: such a file ends with a broken connection.`;

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/deadline-proof`,
  tags: ['Mailings'],
  summary: 'Prove that no call was made after the end',
  description: DESCRIPTION,
  request: { params: idParameter },
  responses: {
    200: {
      description: 'A line for each call, and the sums; of a deleted mailing too',
      content: { 'application/x-ndjson': { schema: line } },
    },
    ...problems(404, 422),
  },
});

export function serveDeadlineProof(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const mailingId = context.req.valid('param').id;
    const mailing = await loadMailing(dependencies.broker, mailingId);
    if (mailing === null) return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    return dependencies.files.answer(directRequestOf(context), {
      contentType: 'application/x-ndjson',
      name: `mailing-${mailingId}-deadline-proof.ndjson`,
      pieces: (signal) => readProof(dependencies, mailing, signal),
    });
  });
}
