import { newId } from '@herald/contracts';
import { expect, test } from 'vitest';
import { startHarness } from '../../test/harness.ts';
import { rawRequest, sayRaw } from '../../test/say-raw.ts';
import { useGateway } from '../../test/use-gateway.ts';

const harness = useGateway();

const PAUSE = `POST /api/v1/mailings/${newId()}/pause`;
const EMPTY_TEXT = ['Content-Type: text/plain', 'Content-Length: 0'];

test.each([
  ['a page of another site', PAUSE, ['Host: localhost', 'Origin: https://evil.example', ...EMPTY_TEXT]],
  ['a page in a sandbox', PAUSE, ['Host: localhost', 'Origin: null', ...EMPTY_TEXT]],
  ['another site, without Origin', PAUSE, ['Host: localhost', 'Sec-Fetch-Site: cross-site', ...EMPTY_TEXT]],
  ['a name that leads here by DNS', PAUSE, ['Host: evil.example', ...EMPTY_TEXT]],
  ['a target of another host', 'GET http://evil.example/api/v1/clients', ['Host: localhost']],
  ['a proxy', PAUSE, ['Host: localhost', 'X-Forwarded-For: 203.0.113.7', ...EMPTY_TEXT]],
  ['a name that leads here, for the metrics', 'GET /metrics', ['Host: evil.example']],
])('a request from %s is refused, and nothing is done', async (_title, line, headers) => {
  const answer = await sayRaw(harness.port, rawRequest(line, ...headers));
  expect(answer).toMatch(/^HTTP\/1.1 403 /);
  expect(answer).toContain('"code":"request-foreign"');
  const commands = await harness.others.broker.manager.streams.info('COMMANDS');
  expect(commands.state.messages).toBe(0);
});

test('the documentation calls the API from its own page', async () => {
  const own = `http://localhost:${harness.port}`;
  const headers = [`Host: localhost:${harness.port}`, `Origin: ${own}`, 'Sec-Fetch-Site: same-origin'];
  for (const [line, status] of [
    ['GET /docs/', 200],
    ['GET /openapi.json', 200],
    ['DELETE /api/v1/clients/none', 422],
  ] as const)
    expect(await sayRaw(harness.port, rawRequest(line, ...headers))).toMatch(
      new RegExp(`^HTTP/1.1 ${status} `),
    );
});

test('a gateway that is open to a network takes any name, but no page of another site', async () => {
  const open = await startHarness(harness.nats.url, { HOST: '0.0.0.0', AUTH: 'open' });
  try {
    const ask = (...headers: string[]) => sayRaw(open.port, rawRequest('GET /api/v1/monitor', ...headers));
    expect(await ask('Host: herald.example')).toMatch(/^HTTP\/1.1 200 /);
    expect(await ask('Host: herald.example', 'Origin: http://herald.example')).toMatch(/^HTTP\/1.1 200 /);
    expect(await ask('Host: herald.example', 'Origin: https://evil.example')).toMatch(/^HTTP\/1.1 403 /);
  } finally {
    await open.stop();
  }
});
