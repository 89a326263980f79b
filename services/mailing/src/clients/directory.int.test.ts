import { setTimeout as sleep } from 'node:timers/promises';
import { clientsQuery, commandQuery, commandSubjects, eventSubjects, newId } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { describe, expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';

describe('the client directory', () => {
  const fixture = useMailing(2);

  const listed = (phone: string) =>
    ask(fixture.tester.broker, clientsQuery, { phone, limit: 10, after: null });

  it('registers a client with the operator code of its phone and lists it', async () => {
    const client = clientOf(await fixture.register('79161110001'));
    expect(client).toMatchObject({ phone: '79161110001', operatorCode: '916', tag: '', version: 1 });
    await eventually(async () => (await listed('79161110001')).items.length === 1);
    expect((await listed('79161110001')).items).toEqual([client]);
  });

  it('makes one client of thirty that race for one phone, and names it to the others', async () => {
    const results = await Promise.all(Array.from({ length: 30 }, () => fixture.register('79161110002')));
    const winners = results.filter(({ outcome }) => outcome.kind === 'client').map(clientOf);
    expect(winners).toHaveLength(1);
    const refused = results.filter(({ outcome }) => outcome.kind === 'refused').map(({ outcome }) => outcome);
    const refusal = { code: 'phone-taken', clientId: winners[0]?.id };
    expect(refused).toEqual(Array.from({ length: 29 }, () => ({ kind: 'refused', refusal })));
  });

  it('lands all of twenty racing changes of one client, and its version counts them', async () => {
    const { id } = clientOf(await fixture.register('79161110003'));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => fixture.change(id, { tag: `t${index}` })),
    );
    const versions = results.map((result) => clientOf(result).version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  });

  it('carries a command out once, however often it comes, and answers the same', async () => {
    const id = newId();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => fixture.register('79161110004', { id })),
    );
    const client = clientOf(await fixture.register('79161110004', { id }));
    expect(results.map(clientOf)).toEqual(Array.from({ length: 10 }, () => client));
    const events = await fixture.log.events(`events.*.entity.client.${client.id}`);
    expect(events.map(({ type }) => type)).toEqual(['ClientRegistered']);
    const { result } = await ask(fixture.tester.broker, commandQuery, { commandId: id });
    expect(result && clientOf(result)).toEqual(client);
  });

  it('frees the phone of a removed client', async () => {
    const { id } = clientOf(await fixture.register('79161110005'));
    expect((await fixture.remove(id)).outcome).toEqual({ kind: 'removed' });
    expect((await fixture.remove(id)).outcome).toEqual({
      kind: 'refused',
      refusal: { code: 'client-not-found' },
    });
    const again = clientOf(await fixture.register('79161110005'));
    expect(again.id).not.toBe(id);
  });

  it('makes whoever wants a phone that was left wait for the directory, and refuses nobody for it', async () => {
    const gone = clientOf(await fixture.register('79161110020'));
    const moved = clientOf(await fixture.register('79161110021'));
    const other = clientOf(await fixture.register('79161110022'));
    await eventually(async () => (await listed('79161110022')).items.length === 1);
    const release = await fixture.model.holdDirectory();
    await fixture.remove(gone.id);
    await fixture.change(moved.id, { phone: '79161110023' });
    const registered = fixture.register('79161110020');
    const changed = fixture.change(other.id, { phone: '79161110021' });
    const isEarly = await Promise.race([registered, changed, sleep(200, 'waits')]);
    await release();
    expect(isEarly).toBe('waits');
    expect(clientOf(await registered)).toMatchObject({ phone: '79161110020' });
    expect(clientOf(await changed)).toMatchObject({ id: other.id, phone: '79161110021' });
  });

  it('frees the phone that a client has left, and keeps the one it has gone back to', async () => {
    const { id } = clientOf(await fixture.register('79161110006'));
    clientOf(await fixture.change(id, { phone: '79161110007' }));
    clientOf(await fixture.change(id, { phone: '79161110006' }));
    clientOf(await fixture.register('79161110007'));
    const refusal = { code: 'phone-taken', clientId: id };
    expect((await fixture.register('79161110006')).outcome).toEqual({ kind: 'refused', refusal });
  });

  it('refuses a change to a phone that another has, and leaves nothing half-done', async () => {
    const owner = clientOf(await fixture.register('79161110008'));
    const { id } = clientOf(await fixture.register('79161110009'));
    const { outcome } = await fixture.change(id, { phone: '79161110008', tag: 'new' });
    expect(outcome).toEqual({ kind: 'refused', refusal: { code: 'phone-taken', clientId: owner.id } });
    await eventually(async () => (await listed('79161110009')).items.length === 1);
    expect((await listed('79161110009')).items).toMatchObject([{ id, tag: '', version: 1 }]);
  });

  it('refuses what is no command and goes on with the next one', async () => {
    const id = newId();
    const clientId = newId();
    const bad = { type: 'RegisterClient' as const, data: { clientId, phone: '12', timezone: 'UTC' } };
    const { outcome } = await fixture.command(bad, { id, subject: commandSubjects.client(clientId) });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'command-malformed' } });
    clientOf(await fixture.register('79161110010'));
  });

  it('makes a dropped schema again under running services, and takes no phone for free meanwhile', async () => {
    const owner = clientOf(await fixture.register('79161110012'));
    await eventually(async () => (await listed('79161110012')).items.length === 1);
    await fixture.model.dropSchema();
    const { outcome } = await fixture.register('79161110012');
    expect(outcome).toEqual({ kind: 'refused', refusal: { code: 'phone-taken', clientId: owner.id } });
    expect((await listed('79161110012')).items).toEqual([owner]);
  });

  it('lists the clients whose stored time zone cannot be read, until they are changed', async () => {
    const client = clientOf(await fixture.register('79161110112'));
    const stored = { ...client, timezone: 'IST', version: 2 };
    // As earlier releases wrote it.
    await fixture.log.append(eventSubjects.client(client.id), {
      type: 'ClientChanged',
      data: { client: stored, previousPhone: null, recentCommands: [] },
    });
    const unreadable = () =>
      ask(fixture.tester.broker, clientsQuery, { unreadableTimezone: true, limit: 10, after: null });
    const { items } = await eventually(async () => {
      const page = await unreadable();
      return page.items.length > 0 && page;
    });
    expect(items).toEqual([stored]);
    clientOf(await fixture.change(client.id, { timezone: 'Asia/Kolkata' }));
    await eventually(async () => (await unreadable()).items.length === 0);
  });

  it('refuses a time zone that is none', async () => {
    const { outcome } = await fixture.register('79161110011', { timezone: 'Europe/Nowhere' });
    expect(outcome).toEqual({
      kind: 'refused',
      refusal: { code: 'timezone-invalid', timezone: 'Europe/Nowhere' },
    });
  });
});
