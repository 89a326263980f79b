import { directoryRebuildQuery, eventSubjects, startDirectoryRebuildQuery } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';

const fixture = useMailing(2);

it('works at all', async () => {
  const client = clientOf(await fixture.register('79160000001'));
  expect((await ask(fixture.tester.broker, directoryRebuildQuery, {})).rebuild).toBeNull();
  const { rebuild } = await ask(fixture.tester.broker, startDirectoryRebuildQuery, {});
  expect(rebuild).toMatchObject({ kind: 'rebuild', state: 'folding' });
  const done = await eventually(async () => {
    const now = (await ask(fixture.tester.broker, directoryRebuildQuery, {})).rebuild;
    return now?.endedAt !== null && now;
  });
  expect(done).toMatchObject({ state: 'done', error: null, differencesFound: 0, differences: [] });
  expect(await fixture.listed('79160000001')).toEqual([client]);
  expect(clientOf(await fixture.change(client.id, { tag: 'x' }))).toMatchObject({ tag: 'x' });
  await eventually(async () => (await fixture.listed('79160000001'))[0]?.tag === 'x');
  expect(eventSubjects.all).toBe('events.>');
});
