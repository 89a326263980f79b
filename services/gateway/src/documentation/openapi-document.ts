import type { GatewayApp } from '../http/context.ts';
import { problemKinds } from '../problems/problem-codes.ts';

const DESCRIPTION = `
Herald runs mailings: clients are registered, mailings start by themselves, every message is delivered through an
external provider, and each one's fate can be read.

* Times are ISO 8601 with an offset; answers are in UTC. Years 2000–2100.
* Every answer carries \`X-Correlation-Id\`, taken from the request or made.
* Entities have a \`version\`, also as \`ETag\`. \`If-Match\` takes one strong tag or \`*\`; another version is 412, anything
  else that is no such tag is 422.
* Writes take \`Idempotency-Key\`, kept for 14 days. What could not be answered in time is 202, with a \`Location\` to ask.
* Lists take \`limit\` and \`cursor\`; \`nextCursor\` is null on the last page, \`asOf\` is the time the data are current to.
* Errors are \`application/problem+json\` (RFC 9457). \`errors[].path\` is a JSON pointer into the body; for a parameter of
  the path or the query it is \`/\` and its name, for a header its name.
`;

/** The OpenAPI 3.1 document of all routes, and every code of a problem. */
export function buildOpenApiDocument(app: GatewayApp) {
  const codes = Object.entries(problemKinds).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  );
  const table = ['| code | status | meaning |', '|---|---|---|', ...codes].join('\n');
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Herald',
      version: '1',
      description: `${DESCRIPTION.trim()}\n\n## Problems\n\n${table}\n`,
    },
    servers: [{ url: '/' }],
    tags: ['Clients', 'Mailings', 'Messages', 'Statistics', 'Commands', 'Operation'].map((name) => ({
      name,
    })),
  });
}
