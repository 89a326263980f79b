import { clientsQuery, type FileFormat, PAGE_LIMIT } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import { askPatiently } from '../../files/ask-patiently.ts';
import { CONTENT_TYPES, fileAnswer, formatParameter, STREAMED } from '../../files/file-format.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { directRequestOf } from '../../http/direct-request.ts';
import { API, problems, serveRoute } from '../../http/route.ts';
import { askService } from '../../reading/reach-broker.ts';
import { operatorCode, tag } from '../../schemas/client.ts';
import { headOf, lineOf } from './client-lines.ts';

const EXAMPLES = {
  csv: 'phone,timezone,operatorCode,tag\r\n79161234567,Europe/Moscow,916,vip\r\n',
  ndjson: '{"phone":"79161234567","timezone":"Europe/Moscow","operatorCode":"916","tag":"vip"}\n',
};

const route = createRoute({
  method: 'get',
  path: `${API}/clients/export`,
  tags: ['Clients'],
  summary: 'Export clients as a file that can be imported again',
  description: `The columns of an import, and no others, by the id of the client; values stand there unchanged, also where a spreadsheet would take a tag for a formula. A client that is changed meanwhile stands there once, as before or after it. ${STREAMED}`,
  request: {
    query: z.strictObject({
      format: formatParameter,
      operatorCode: operatorCode.optional(),
      tag: tag.optional(),
    }),
  },
  responses: { 200: fileAnswer('The file', EXAMPLES), ...problems(422) },
});

export function serveExportClients(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { format, ...filter } = context.req.valid('query');
    const day = dependencies.now().toISOString().slice(0, 10);
    return dependencies.files.answer(directRequestOf(context), {
      contentType: CONTENT_TYPES[format],
      name: `clients-${day}.${format}`,
      pieces: (signal) => readPieces(dependencies, filter, format, signal),
    });
  });
}

interface ClientFilter {
  readonly operatorCode?: string | undefined;
  readonly tag?: string | undefined;
}

async function* readPieces(
  dependencies: GatewayDependencies,
  filter: ClientFilter,
  format: FileFormat,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const request = { ...filter, limit: PAGE_LIMIT };
  let page = await askService(dependencies, clientsQuery, { ...request, after: null });
  let head = headOf(format);
  for (;;) {
    yield head + page.items.map((client) => lineOf(client, format)).join('');
    if (page.next === null) return;
    head = '';
    page = await askPatiently(dependencies, clientsQuery, { ...request, after: page.next }, signal);
  }
}
