import { messageStatus, messagesFileQuery } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import { askPatiently } from '../../files/ask-patiently.ts';
import { CONTENT_TYPES, fileAnswer, formatParameter, STREAMED } from '../../files/file-format.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { directRequestOf } from '../../http/direct-request.ts';
import { API, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { askService } from '../../reading/reach-broker.ts';
import { idParameter } from '../../schemas/parameters.ts';

const EXAMPLES = {
  csv: 'id,mailingId,clientId,status,createdAt,endedAt,attempts,error\r\n17,88db4d2c-…,8262526f-…,sent,2026-01-31T09:00:00.000Z,2026-01-31T09:00:01.250Z,1,\r\n',
  ndjson:
    '{"id":17,"mailingId":"88db4d2c-…","clientId":"8262526f-…","status":"sent","createdAt":"2026-01-31T09:00:00.000Z","endedAt":"2026-01-31T09:00:01.250Z","attempts":1,"error":null}\n',
};

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/messages/export`,
  tags: ['Messages'],
  summary: 'Export the messages of a mailing as a file',
  description: `All its messages by id, or those of one status; of a deleted mailing too. Each stands there as it was when its part of the file was read. ${STREAMED}`,
  request: {
    params: idParameter,
    query: z.strictObject({ format: formatParameter, status: messageStatus.optional() }),
  },
  responses: { 200: fileAnswer('The file', EXAMPLES), ...problems(404, 422) },
});

export function serveExportMessages(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const mailingId = context.req.valid('param').id;
    const { format, status } = context.req.valid('query');
    if ((await loadMailing(dependencies.broker, mailingId)) === null) {
      return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    }
    return dependencies.files.answer(directRequestOf(context), {
      contentType: CONTENT_TYPES[format],
      name: `mailing-${mailingId}-messages${status === undefined ? '' : `-${status}`}.${format}`,
      pieces: (signal) => readPieces(dependencies, { mailingId, status, format }, signal),
    });
  });
}

type Wanted = Omit<z.infer<typeof messagesFileQuery.request>, 'after'>;

async function* readPieces(
  dependencies: GatewayDependencies,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<string> {
  // Before the first piece a refusal can still be told, and is told at once.
  let piece = await askService(dependencies, messagesFileQuery, { ...wanted, after: null });
  yield piece.text;
  while (piece.next !== null) {
    const request = { ...wanted, after: piece.next };
    piece = await askPatiently(dependencies, messagesFileQuery, request, signal);
    yield piece.text;
  }
}
