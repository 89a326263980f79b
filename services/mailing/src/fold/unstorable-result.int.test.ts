import { type Client, commandQuery, eventSubjects, newId } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';

const fixture = useMailing(1);

it('a result that cannot be stored costs neither the client of its event nor what stands beside it', async () => {
  const release = await fixture.model.holdDirectory();
  // The first is folded by itself: what comes meanwhile is one chunk.
  clientOf(await fixture.register('79440000001'));
  const at = new Date().toISOString();
  const client: Client = {
    id: newId(),
    phone: '79440000002',
    operatorCode: '944',
    tag: '',
    timezone: 'UTC',
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
  await fixture.log.append(
    eventSubjects.client(client.id),
    { type: 'ClientRegistered', data: { client, recentCommands: [] } },
    // PostgreSQL holds no text with this character.
    { causationId: newId(), fingerprint: 'fingerprint\u0000' },
  );
  const id = newId();
  const beside = await fixture.register('79440000003', { id });
  await release();
  await eventually(async () => (await fixture.listed('79440000003')).length === 1);
  expect(await fixture.listed('79440000002')).toEqual([client]);
  const { result } = await ask(fixture.tester.broker, commandQuery, { commandId: id });
  expect(result).toEqual(beside);
});
