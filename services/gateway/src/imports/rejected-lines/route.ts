import { createRoute, z } from '@hono/zod-openapi';
import { incomingOf } from '../../http/body-reader.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, problems, serveRoute } from '../../http/route.ts';
import { idParameter } from '../../schemas/parameters.ts';
import { findImport } from '../find-import.ts';
import { streamRejected } from './stream-rejected.ts';

const EXAMPLE =
  'line,reason,phone,timezone,operatorCode,tag,original\r\n3,phone: is in the directory already,79161234567,Europe/Moscow,916,vip,\r\n';

const headers = z.object({
  'Content-Disposition': z.string().openapi({ example: 'attachment; filename="import-….rejected.csv"' }),
});

const route = createRoute({
  method: 'get',
  path: `${API}/imports/{id}/rejected`,
  tags: ['Clients'],
  summary: 'Download the rejected lines of an import, all of them, to mend and import them',
  description:
    'CSV whatever the import was: the number of the line, the reason, and the values as they were read. `original` holds the line itself where columns cannot tell it. An import passes over `line`, `reason` and `original`, so the mended file is imported as it is. Of an import that still runs these are the lines that were rejected so far.',
  request: { params: idParameter },
  responses: {
    200: {
      description: 'The file, streamed; a connection that breaks before its end says that it is not whole',
      headers,
      content: { 'text/csv': { schema: z.string().openapi({ example: EXAMPLE }) } },
    },
    ...problems(404, 422),
  },
});

export function serveRejectedLines(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { id } = context.req.valid('param');
    await findImport(dependencies, id);
    const breakOff = (): void => void incomingOf(context).socket.destroy();
    return new Response(await streamRejected(dependencies, id, breakOff), {
      headers: {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="import-${id}.rejected.csv"`,
        'X-Content-Type-Options': 'nosniff',
      },
    });
  });
}
