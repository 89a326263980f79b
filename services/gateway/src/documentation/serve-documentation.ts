import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GatewayApp } from '../http/context.ts';
import { answerProblem, makeProblem } from '../problems/problem.ts';
import { buildOpenApiDocument } from './openapi-document.ts';
import { INITIALIZER, PAGE } from './swagger-page.ts';

const SWAGGER_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-16x16.png': 'image/png',
  'favicon-32x32.png': 'image/png',
};

/** Whatever the page would load from elsewhere is refused by the browser: it must work with no internet. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** `/openapi.json`, and Swagger UI under `/docs/` from files of our own. To be called when all routes are there. */
export function serveDocumentation(app: GatewayApp): void {
  const document = JSON.stringify(buildOpenApiDocument(app));
  app.get('/openapi.json', (context) => {
    context.set('route', '/openapi.json');
    return context.body(document, 200, { 'Content-Type': 'application/json' });
  });
  app.get('/docs', (context) => {
    context.set('route', '/docs');
    return new Response(null, { status: 308, headers: { Location: '/docs/' } });
  });
  app.get('/docs/', (context) => {
    context.set('route', '/docs/');
    return context.html(PAGE, 200, { 'Content-Security-Policy': POLICY });
  });
  app.get('/docs/:file', async (context) => {
    context.set('route', '/docs/{file}');
    const name = context.req.param('file');
    if (name === 'initializer.js') {
      return context.body(INITIALIZER, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
    }
    const type = Object.hasOwn(SWAGGER_FILES, name) ? SWAGGER_FILES[name] : undefined;
    if (type === undefined) return answerProblem(makeProblem('route-unknown', 'There is no such file.'));
    return context.body(await readSwaggerFile(name), 200, {
      'Content-Type': type,
      'Cache-Control': 'public, max-age=3600',
    });
  });
}

const directory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const files = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

function readSwaggerFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const known = files.get(name);
  if (known !== undefined) return known;
  const reading = readFile(join(directory, name));
  files.set(name, reading);
  // A failure is not kept: the next request reads again.
  reading.catch(() => files.delete(name));
  return reading;
}
