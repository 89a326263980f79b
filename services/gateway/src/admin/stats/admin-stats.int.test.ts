import {
  beginRebuildQuery,
  dropGenerationQuery,
  type GenerationRefusal,
  generationsQuery,
  mailingStatsQuery,
  newId,
  overviewQuery,
  rebuildQuery,
  type StatsGeneration,
  type StatsRebuild,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import { beforeAll, expect, test } from 'vitest';
import { useGateway } from '../../../test/use-gateway.ts';

const AT = '2026-01-31T09:00:00.000Z';
const job: StatsRebuild = {
  id: newId(),
  kind: 'rebuild',
  state: 'folding',
  generation: 2,
  lanes: 1,
  events: 10,
  total: 100,
  perSecond: 5,
  secondsLeft: 18,
  startedAt: AT,
  endedAt: null,
  holdMs: null,
  differencesFound: 0,
  differences: [],
  error: null,
};
const generation: StatsGeneration = {
  generation: 1,
  isServed: true,
  state: 'served',
  lanes: 1,
  origin: 'start',
  createdAt: AT,
  servedAt: AT,
  position: 10,
  bytes: 8_192,
};

const harness = useGateway({ QUERY_WAIT_MS: 500 });
/** What the statistics were asked. */
const asked: unknown[] = [];
let refusal: GenerationRefusal | null = null;
let known: StatsRebuild | null = null;

beforeAll(async () => {
  const { broker, log } = harness.others;
  serveQuery(broker, log, beginRebuildQuery, async (request) => {
    asked.push(request);
    return { job: refusal === null ? job : null, refusal };
  });
  serveQuery(broker, log, rebuildQuery, async () => ({ job: known }));
  serveQuery(broker, log, generationsQuery, async () => ({ items: [generation] }));
  serveQuery(broker, log, dropGenerationQuery, async (request) => {
    asked.push(request);
    return { refusal };
  });
  serveQuery(broker, log, mailingStatsQuery, async (request) => {
    asked.push(request);
    return { stats: null };
  });
  serveQuery(broker, log, overviewQuery, async (request) => {
    asked.push(request);
    throw new Error('not asked for an answer');
  });
  await broker.connection.flush();
});

test.each([
  ['POST', '/admin/stats/rebuild', { kind: 'rebuild', lanes: null }],
  ['POST', '/admin/stats/rebuild?lanes=16', { kind: 'rebuild', lanes: 16 }],
  ['POST', '/admin/stats/verify?lanes=1', { kind: 'verify', lanes: 1 }],
  ['POST', '/admin/stats/generations/7/use', { kind: 'use', generation: 7 }],
])('%s %s is 202 with the job and where it is to be seen', async (method, path, wish) => {
  asked.length = 0;
  const answer = await harness.call(method, path);
  expect(answer).toMatchObject({ status: 202, body: job });
  expect(answer.headers.get('location')).toBe('/api/v1/admin/stats/rebuild');
  expect(asked).toStrictEqual([wish]);
});

test.each([
  [{ code: 'job-running', kind: 'verify' }, 409, 'admin-job-running'],
  [{ code: 'generation-not-found' }, 404, 'generation-not-found'],
  [{ code: 'generation-served' }, 409, 'generation-served'],
  [{ code: 'generation-in-work' }, 409, 'admin-job-running'],
] as const)('a refusal of %o is answered with %i %s', async (why, status, code) => {
  refusal = why;
  try {
    expect(await harness.call('POST', '/admin/stats/rebuild')).toMatchObject({ status, body: { code } });
    expect(await harness.call('DELETE', '/admin/stats/generations/2')).toMatchObject({
      status,
      body: { code },
    });
  } finally {
    refusal = null;
  }
});

test('progress is 404 before there ever was a job', async () => {
  expect(await harness.call('GET', '/admin/stats/rebuild')).toMatchObject({
    status: 404,
    body: { code: 'rebuild-not-found' },
  });
  known = job;
  expect(await harness.call('GET', '/admin/stats/rebuild')).toMatchObject({ status: 200, body: job });
});

test('generations are listed, and one is dropped', async () => {
  const list = await harness.call('GET', '/admin/stats/generations');
  expect(list).toMatchObject({ status: 200, body: { items: [generation] } });
  asked.length = 0;
  expect((await harness.call('DELETE', '/admin/stats/generations/3')).status).toBe(204);
  expect(asked).toStrictEqual([{ generation: 3 }]);
});

test.each([
  ['POST', '/admin/stats/rebuild?lanes=2', '/lanes'],
  ['POST', '/admin/stats/verify?lanes=', '/lanes'],
  ['POST', '/admin/stats/generations/0/use', '/generation'],
  ['DELETE', '/admin/stats/generations/one', '/generation'],
  ['GET', `/mailings/${newId()}/stats?by=phone`, '/by'],
  ['GET', `/mailings/${newId()}/stats?at=yesterday`, '/at'],
  ['GET', '/stats?at=2026-02-30T00:00:00Z', '/at'],
])('%s %s is refused, and names %s', async (method, path, field) => {
  asked.length = 0;
  expect(await harness.call(method, path)).toMatchObject({
    status: 422,
    body: { code: 'validation-failed', errors: [{ path: field }] },
  });
  expect(asked).toEqual([]);
});

test('a moment is asked for in UTC, wherever it was meant', async () => {
  asked.length = 0;
  const mailingId = newId();
  await harness.call('GET', `/mailings/${mailingId}/stats?at=2026-01-31T12:00:00%2B03:00&by=tag`);
  await harness.call('GET', '/stats?at=2026-01-31T12:00:00%2B03:00');
  expect(asked).toMatchObject([{ mailingId, at: AT, by: 'tag' }, { at: AT }]);
});
