import { connect } from 'node:net';
import { newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test, vi } from 'vitest';
import { carryOutAll } from '../../test/entities.ts';
import { startHarness } from '../../test/harness.ts';
import { useGateway } from '../../test/use-gateway.ts';
import { problemCodes } from '../problems/problem-codes.ts';

const harness = useGateway();

const get = (path: string) => fetch(`${harness.url}${path}`, { redirect: 'manual' });

/** What the test looks at in the document. */
interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { responses: object }>>;
  readonly components: { schemas: Record<string, { properties: Record<string, { enum?: string[] }> }> };
}

/** The contract's calls (API.md), with the success that each answers. */
const CALLS = [
  ['post', '/api/v1/clients', '201'],
  ['get', '/api/v1/clients', '200'],
  ['post', '/api/v1/clients/import', '200'],
  ['get', '/api/v1/imports/{id}', '404'],
  ['get', '/api/v1/imports/{id}/rejected', '404'],
  ['get', '/api/v1/clients/export', '200'],
  ['get', '/api/v1/clients/{id}', '200'],
  ['patch', '/api/v1/clients/{id}', '200'],
  ['delete', '/api/v1/clients/{id}', '204'],
  ['get', '/api/v1/clients/{id}/messages', '200'],
  ['get', '/api/v1/clients/{id}/events', '200'],
  ['post', '/api/v1/mailings', '201'],
  ['get', '/api/v1/mailings', '200'],
  ['get', '/api/v1/mailings/{id}', '200'],
  ['patch', '/api/v1/mailings/{id}', '200'],
  ['delete', '/api/v1/mailings/{id}', '204'],
  ['post', '/api/v1/mailings/{id}/pause', '200'],
  ['post', '/api/v1/mailings/{id}/resume', '200'],
  ['post', '/api/v1/mailings/preview', '200'],
  ['get', '/api/v1/stats', '200'],
  ['get', '/api/v1/mailings/{id}/stats', '200'],
  ['get', '/api/v1/mailings/{id}/deadline-proof', '200'],
  ['get', '/api/v1/mailings/{id}/stream', '200'],
  ['get', '/api/v1/mailings/{id}/messages', '200'],
  ['get', '/api/v1/mailings/{id}/messages/export', '200'],
  ['get', '/api/v1/mailings/{id}/events', '200'],
  ['get', '/api/v1/mailings/{id}/clients/{clientId}', '200'],
  ['get', '/api/v1/messages/{id}', '200'],
  ['get', '/api/v1/commands/{id}', '200'],
  ['get', '/api/v1/log', '200'],
  ['get', '/api/v1/monitor', '200'],
  ['post', '/api/v1/admin/provider/resume', '200'],
  ['post', '/api/v1/admin/stats/rebuild', '202'],
  ['get', '/api/v1/admin/stats/rebuild', '200'],
  ['delete', '/api/v1/admin/stats/rebuild', '204'],
  ['post', '/api/v1/admin/stats/verify', '202'],
  ['get', '/api/v1/admin/stats/generations', '200'],
  ['post', '/api/v1/admin/stats/generations/{generation}/use', '202'],
  ['delete', '/api/v1/admin/stats/generations/{generation}', '204'],
  ['post', '/api/v1/admin/directory/rebuild', '202'],
  ['get', '/api/v1/admin/directory/rebuild', '200'],
  ['get', '/api/v1/admin/parked-events', '200'],
  ['post', '/api/v1/admin/parked-events/{id}/redrive', '202'],
] as const;

test('the OpenAPI document knows every call of the contract and nothing else', async () => {
  const document = (await (await get('/openapi.json')).json()) as OpenApi;
  expect(document.openapi).toBe('3.1.0');
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(documented.sort()).toEqual(CALLS.map(([method, path]) => `${method} ${path}`).sort());
  for (const [method, path, status] of CALLS) {
    expect(Object.keys(document.paths[path]?.[method]?.responses ?? {}), `${method} ${path}`).toEqual(
      expect.arrayContaining([status, '503']),
    );
  }
  expect(document.components.schemas.Problem?.properties.code?.enum).toEqual(problemCodes);
  expect(document.components.schemas.NewClient).toMatchObject({
    required: ['phone', 'timezone'],
    additionalProperties: false,
    properties: { tag: { type: 'string', maxLength: 100 } },
  });
  expect(document.components.schemas.NewMailing?.properties.startAt).toMatchObject({ format: 'date-time' });
});

test('Swagger UI is served with all it needs, and needs nobody else', async () => {
  expect((await get('/docs')).headers.get('location')).toBe('/docs/');
  const page = await get('/docs/');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const html = await page.text();
  expect(html).not.toMatch(/https?:/);
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) expect((await get(file)).status, file).toBe(200);
  expect(await (await get('/docs/initializer.js')).text()).toContain("url: '/openapi.json'");
  expect((await get('/docs/package.json')).status).toBe(404);
});

test('requests are counted by the pattern of their route, never by a path', async () => {
  await get('/api/v1/clients?phone=79161234567');
  await get('/api/v1/clients/79161234567');
  await get('/api/79161234567');
  const metrics = await (await get('/metrics')).text();
  const counts = metrics
    .split('\n')
    .filter((line) => line.startsWith('herald_http_request_duration_seconds_count'));
  const counted = counts.filter((line) => line.includes('route="/api/v1/clients/{id}"'));
  expect(counted).toEqual([expect.stringMatching(/method="GET".*status="422".* 1$/)]);
  expect(metrics).toContain('route="none"');
  expect(metrics).not.toContain('79161234567');
});

test('the line of a request names an id, but not what stands in the place of one', async () => {
  const said = vi.spyOn(harness.gateway.log, 'info');
  const id = newId();
  await get(`/api/v1/clients/${id}`);
  await get('/api/v1/clients/79161234567');
  expect(said.mock.calls.map(([fields]) => fields)).toMatchObject([
    { status: 404, clientId: id },
    { status: 422 },
  ]);
  expect(JSON.stringify(said.mock.calls)).not.toContain('79161234567');
  said.mockRestore();
});

test('a stop finishes what is in flight, takes nothing new, and closes idle connections', async () => {
  const stopping = await startHarness(harness.nats.url, { COMMAND_WAIT_MS: 3_000 });
  const idle = connect(stopping.port, '127.0.0.1');
  const idleClosed = new Promise<void>((resolve) => idle.on('close', () => resolve()));
  await fetch(`${stopping.url}/healthz`);
  for (const { mailing } of [harness, stopping]) {
    mailing.play = carryOutAll;
    mailing.delayMs = 500;
  }
  const writing = stopping.call('POST', '/clients', { phone: '79161234567', timezone: 'UTC' });
  await eventually(() => harness.mailing.received.length + stopping.mailing.received.length > 0, {
    message: 'the write is in flight',
  });
  // The played service must outlive the gateway.
  const startedAt = performance.now();
  const stopped = stopping.gateway.stop();
  await expect(fetch(`${stopping.url}/healthz`)).rejects.toThrow();
  const answer = await writing;
  expect(answer.status).toBe(201);
  expect(answer.headers.get('connection')).toBe('close');
  await idleClosed;
  await stopped;
  // Nothing had to be forced, which takes five seconds.
  expect(performance.now() - startedAt).toBeLessThan(4_500);
  await stopping.stop();
});

test('a stop does not wait for the results of an import whose sender has left', async () => {
  harness.mailing.play = () => null;
  const stopping = await startHarness(harness.nats.url, { COMMAND_WAIT_MS: 10_000 });
  const alreadyThere = harness.mailing.received.length;
  // More than the buffers of the gateway take: it stops reading, and cannot see that the sender leaves.
  const lines = Array.from({ length: 30_000 }, (_, index) => `79${String(index).padStart(9, '0')},UTC\n`);
  const leaving = new AbortController();
  const request = fetch(`${stopping.url}/api/v1/clients/import`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv' },
    body: `phone,timezone\n${lines.join('')}`,
    signal: leaving.signal,
  });
  const received = () => harness.mailing.received.length + stopping.mailing.received.length - alreadyThere;
  await eventually(() => received() === 8, { message: 'the import waits for results' });
  leaving.abort();
  await expect(request).rejects.toThrow();
  const startedAt = performance.now();
  await stopping.gateway.stop();
  // Else it takes the ten seconds that the results are waited for, or the five after which it is forced.
  expect(performance.now() - startedAt).toBeLessThan(4_500);
  await stopping.stop();
});
