import {
  type DirectoryRebuild,
  directoryParkedQuery,
  directoryRebuildQuery,
  newId,
  type ParkedEvent,
  type ParkingModel,
  type QueryDefinition,
  redriveDirectoryQuery,
  redriveStatsQuery,
  startDirectoryRebuildQuery,
  statsParkedQuery,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { useGateway } from '../../test/use-gateway.ts';

const harness = useGateway({ QUERY_WAIT_MS: 500 });

/** Answers a question as another service does. */
async function play<Request extends z.ZodType, Reply extends z.ZodType>(
  query: QueryDefinition<Request, Reply>,
  handle: (request: z.infer<Request>) => z.input<Reply>,
): Promise<() => Promise<void>> {
  const { broker, log } = harness.others;
  const stop = serveQuery(broker, log, query, async (request) => handle(request));
  await broker.connection.flush();
  return async () => {
    await stop();
    await broker.connection.flush();
  };
}

const rebuild: DirectoryRebuild = {
  id: newId(),
  kind: 'rebuild',
  state: 'folding',
  events: 10,
  total: 40,
  perSecond: 15,
  secondsLeft: 2,
  startedAt: '2026-01-31T09:00:00.000Z',
  endedAt: null,
  differencesFound: 1,
  differences: [{ entity: 'client 1', column: 'tag', live: 'a', rebuilt: 'b' }],
  error: null,
};

const parkedOf = (model: ParkingModel, position: number): ParkedEvent => ({
  id: `${model}.all.${position}`,
  model,
  fold: 'all',
  position,
  subject: 'events.1.entity.client.1',
  type: 'ClientChanged',
  error: 'refused',
  parkedAt: '2026-01-31T09:00:00.000Z',
  text: '{}',
});

/** As a service lists what it has parked. */
const listOf =
  (all: readonly ParkedEvent[]) =>
  ({ limit, after }: z.infer<typeof directoryParkedQuery.request>) => {
    const rest = all.filter(({ position }) => position > (after?.position ?? 0));
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    const next = rest.length > items.length && last ? { fold: last.fold, position: last.position } : null;
    return { items: [...items], next };
  };

test('a rebuild of the directory is begun, and asked for', async () => {
  const path = '/admin/directory/rebuild';
  expect(await harness.call('GET', path)).toMatchObject({
    status: 503,
    body: { code: 'service-unavailable' },
  });
  let found: DirectoryRebuild | null = null;
  const stops = [
    await play(startDirectoryRebuildQuery, () => {
      found = rebuild;
      return { rebuild };
    }),
    await play(directoryRebuildQuery, () => ({ rebuild: found })),
  ];
  expect(await harness.call('GET', path)).toMatchObject({ status: 404, body: { code: 'rebuild-not-found' } });
  const started = await harness.call('POST', path);
  expect(started).toMatchObject({ status: 202, body: rebuild });
  expect(started.headers.get('location')).toBe(`/api/v1${path}`);
  expect(await harness.call('GET', path)).toMatchObject({ status: 200, body: rebuild });
  expect(await harness.call('GET', `${path}?id=1`)).toMatchObject({ status: 422 });
  for (const stop of stops) await stop();
});

test('parked events of both models are listed one after another', async () => {
  const all = [
    ...[3, 5, 9].map((position) => parkedOf('directory', position)),
    ...[2, 4].map((position) => parkedOf('stats', position)),
  ];
  const ofModel = (model: ParkingModel) => listOf(all.filter((event) => event.model === model));
  const stops = [
    await play(directoryParkedQuery, ofModel('directory')),
    await play(statsParkedQuery, ofModel('stats')),
  ];
  const whole = await harness.call('GET', '/admin/parked-events');
  expect(whole).toMatchObject({ status: 200, body: { items: all, nextCursor: null, unavailable: [] } });
  for (const limit of [1, 2, 3, 4]) {
    const items: ParkedEvent[] = [];
    let cursor = '';
    do {
      const { body } = await harness.call('GET', `/admin/parked-events?limit=${limit}${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      items.push(...body.items);
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(items).toEqual(all);
  }
  for (const stop of stops) await stop();
});

test('a model that does not answer hides no other', async () => {
  const path = '/admin/parked-events';
  expect(await harness.call('GET', path)).toMatchObject({
    status: 503,
    body: { code: 'service-unavailable' },
  });
  const stop = await play(directoryParkedQuery, listOf([parkedOf('directory', 3)]));
  const { body } = await harness.call('GET', path);
  expect(body).toEqual({ items: [parkedOf('directory', 3)], nextCursor: null, unavailable: ['stats'] });
  await stop();
  const other = await play(statsParkedQuery, listOf([parkedOf('stats', 3)]));
  expect((await harness.call('GET', path)).body).toMatchObject({ unavailable: ['directory'] });
  await other();
});

test.each(['?limit=0', '?cursor=nonsense', '?cursor=eyJpZCI6MX0', '?model=stats'])(
  'a list of parked events with %s is refused',
  async (query) => {
    expect(await harness.call('GET', `/admin/parked-events${query}`)).toMatchObject({
      status: 422,
      body: { code: 'validation-failed' },
    });
  },
);

test('a parked event is driven again by the model that it belongs to', async () => {
  const asked: unknown[] = [];
  const stops = [
    await play(redriveDirectoryQuery, (place) => {
      asked.push(['directory', place]);
      return place.position === 7
        ? { outcome: 'not-found' as const, error: null }
        : { outcome: 'parked' as const, error: 'refused' };
    }),
    await play(redriveStatsQuery, (place) => {
      asked.push(['stats', place]);
      return { outcome: 'folded' as const, error: null };
    }),
  ];
  const redrive = (id: string) => harness.call('POST', `/admin/parked-events/${id}/redrive`);
  expect(await redrive('stats.lane-3.12')).toMatchObject({
    status: 202,
    body: { id: 'stats.lane-3.12', outcome: 'folded', error: null },
  });
  expect(await redrive('directory.entities.6')).toMatchObject({
    status: 202,
    body: { id: 'directory.entities.6', outcome: 'parked', error: 'refused' },
  });
  expect(await redrive('directory.entities.7')).toMatchObject({
    status: 404,
    body: { code: 'parked-event-not-found' },
  });
  expect(asked).toEqual([
    ['stats', { fold: 'lane-3', position: 12 }],
    ['directory', { fold: 'entities', position: 6 }],
    ['directory', { fold: 'entities', position: 7 }],
  ]);
  for (const id of ['directory.entities', 'directory.entities.0', 'other.entities.1', 'stats.a.b.1'])
    expect(await redrive(id)).toMatchObject({ status: 422, body: { errors: [{ path: '/id' }] } });
  for (const stop of stops) await stop();
});
