import { commandSubjects, eventSubjects, importQuery, importRecordQuery, newId } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { describe, expect, it } from 'vitest';
import { clientOf, mailingOf, useMailing } from '../../test/mailing-fixture.ts';
import { placesOf, Rebuilds } from '../../test/rebuilds.ts';

describe('the directory', () => {
  const fixture = useMailing(2);
  const rebuilds = new Rebuilds(fixture);

  it('was never rebuilt before somebody asks for it', async () => {
    expect(await rebuilds.latest()).toBeNull();
  });

  it('is the same when it is rebuilt, and goes on where it was', async () => {
    const client = clientOf(await fixture.register('79160000001', { tag: 'one' }));
    const gone = clientOf(await fixture.register('79160000002'));
    clientOf(await fixture.change(gone.id, { phone: '79160000003' }));
    await fixture.remove(gone.id);
    const mailing = mailingOf(await fixture.createMailing({ filter: { tags: ['one'] } }));
    await fixture.log.startMailing(mailing);
    const batch = { mailingId: mailing.id, batch: 0, messages: 1 };
    await eventually(async () => (await fixture.log.events(eventSubjects.queuedOf(mailing.id))).length === 1);
    await fixture.log.append(eventSubjects.batch(mailing.id, 0), { type: 'BatchCompleted', data: batch });
    await eventually(async () => {
      const last = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
      return last?.type === 'MailingSettled';
    });
    await eventually(async () => (await fixture.model.dump()).plan?.[0]?.settled === true);
    const before = await fixture.model.dump();
    const structure = await fixture.model.structure();
    const rebuild = await rebuilds.run();
    expect(rebuild).toMatchObject({ kind: 'rebuild', error: null, differencesFound: 0, differences: [] });
    expect(rebuild).toMatchObject({ events: 9, total: 9, secondsLeft: null });
    expect(await fixture.model.dump()).toEqual(before);
    expect(clientOf(await fixture.change(client.id, { tag: 'two' }))).toMatchObject({ version: 2 });
    await eventually(async () => (await fixture.listed('79160000001'))[0]?.tag === 'two');
    await eventually(async () => (await fixture.model.schemas()).join() === 'mailing');
    expect(await fixture.model.structure()).toEqual(structure);
  });

  it('is one rebuild that all who ask meanwhile join', async () => {
    const started = await Promise.all(Array.from({ length: 10 }, () => rebuilds.start()));
    expect(new Set(started.map(({ id }) => id)).size).toBe(1);
    expect((await rebuilds.ended()).id).toBe(started[0]?.id);
  });

  it('has every row named and mended that is not what the log says', async () => {
    const [changed, lost, stolen] = [
      clientOf(await fixture.register('79160000011', { tag: 'right' })),
      clientOf(await fixture.register('79160000012')),
      clientOf(await fixture.register('79160000013')),
    ];
    const other = clientOf(await fixture.register('79160000014'));
    const made = newId();
    const mailing = mailingOf(await fixture.createMailing({ filter: { tags: ['nobody'] } }));
    await fixture.log.startMailing(mailing);
    await eventually(async () => {
      const last = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
      return last?.type === 'MailingSettled';
    });
    const told = newId();
    clientOf(await fixture.register('79160000015', { id: told }));
    await eventually(async () => (await fixture.listed('79160000015')).length === 1);
    const before = await fixture.model.dump();
    await fixture.model.tamper(`
      update SCHEMA.client set tag = 'wrong', timezone = 'Zulu' where id = '${changed.id}';
      delete from SCHEMA.client where id = '${lost.id}';
      insert into SCHEMA.client select '${made}', '79169999999', operator_code, tag, timezone, version, created_at, updated_at
        from SCHEMA.client where id = '${changed.id}';
      update SCHEMA.phone_reservation set client_id = '${other.id}' where phone = '79160000013';
      delete from SCHEMA.phone_reservation where phone = '79160000012';
      insert into SCHEMA.phone_reservation values ('79160000099', '${other.id}');
      update SCHEMA.mailing set status = 'paused', state = state || '{"text": "wrong"}' where id = '${mailing.id}';
      update SCHEMA.plan set completed = 7, settled = false where mailing_id = '${mailing.id}';
      update SCHEMA.message_counter set next = 1;
      update SCHEMA.command_result set outcome = '{"kind": "removed"}' where command_id = '${told}'`);
    const { differences, differencesFound } = await rebuilds.run();
    expect(placesOf(differences)).toEqual(
      [
        `client ${changed.id} tag`,
        `client ${changed.id} timezone`,
        `client ${lost.id}`,
        `client ${made}`,
        'phone 7******0012 clientId',
        'phone 7******0013 clientId',
        'phone 7******0099 clientId',
        `mailing ${mailing.id} state.text`,
        `mailing ${mailing.id} status`,
        `plan ${mailing.id} batchesDone`,
        `plan ${mailing.id} settled`,
        'counter nextMessageId',
        `command ${told} outcome`,
      ].toSorted(),
    );
    expect(differencesFound).toBe(13);
    expect(differences).toContainEqual({
      entity: `client ${changed.id}`,
      column: 'tag',
      live: 'wrong',
      rebuilt: 'right',
    });
    expect(await fixture.model.dump()).toEqual(before);
    const refusal = { code: 'phone-taken', clientId: stolen.id };
    expect((await fixture.register('79160000013')).outcome).toEqual({ kind: 'refused', refusal });
    clientOf(await fixture.register('79160000015', { id: told }));
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0 });
  });

  it('takes no row of an earlier release for wrong, which lacks what that did not know', async () => {
    await fixture.model.tamper("update SCHEMA.mailing set state = state - 'priority' - 'rateLimit'");
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0 });
    expect((await fixture.model.dump()).mailing).toMatchObject([{ state: { priority: 5 } }, {}]);
  });

  it('keeps what no event tells: claims of commands under way, refusals, what an import has come to', async () => {
    const client = clientOf(await fixture.register('79160000021'));
    const refused = newId();
    const refusal = { kind: 'refused', refusal: { code: 'phone-taken', clientId: client.id } };
    expect((await fixture.register('79160000021', { id: refused })).outcome).toEqual(refusal);
    const importId = newId();
    const rows = [
      { line: 1, phone: '79160000022', timezone: 'UTC', tag: '' },
      { line: 2, phone: '79160000021', timezone: 'UTC', tag: '' },
    ];
    const startedAt = new Date().toISOString();
    const end = { chunks: 1, received: 2, badLines: 0, stopped: false };
    const data = { importId, chunk: 0, onDuplicate: 'reject' as const, rows, startedAt, end };
    await fixture.command({ type: 'ImportClients', data }, { subject: commandSubjects.import(importId) });
    await fixture.model.claim('79160000023', client.id, newId());
    const newcomer = newId();
    await fixture.model.claim('79160000024', newcomer, null);
    await eventually(async () => (await fixture.listed('79160000022')).length === 1);
    const record = () => ask(fixture.tester.broker, importRecordQuery, { importId });
    const recorded = await record();
    expect(recorded).toMatchObject({ record: { onDuplicate: 'reject', startedAt, end }, rejected: 1 });
    const before = await fixture.model.dump();
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0 });
    expect(await fixture.model.dump()).toEqual(before);
    expect(await record()).toEqual(recorded);
    await expect(fixture.register('79160000023', {}, 600)).rejects.toThrow();
    const taken = { code: 'phone-taken', clientId: newcomer };
    expect((await fixture.register('79160000024')).outcome).toEqual({ kind: 'refused', refusal: taken });
    // By the same command it is answered as it was, though the phone is free by now.
    await fixture.remove(client.id);
    expect((await fixture.register('79160000021', { id: refused })).outcome).toEqual(refusal);
    const { summary } = await ask(fixture.tester.broker, importQuery, { importId });
    expect(summary).toMatchObject({ registered: 1, rejected: 1 });
  });

  it('mends a model of which a table is gone alone', async () => {
    clientOf(await fixture.register('79160000031'));
    await fixture.model.tamper('drop table SCHEMA.client');
    const { differences } = await rebuilds.run();
    expect(placesOf(differences)).toContain('table client');
    await eventually(async () => (await fixture.listed('79160000031')).length === 1);
    clientOf(await fixture.register('79160000032'));
    await eventually(async () => (await fixture.listed('79160000032')).length === 1);
  });

  it('is not replaced by tables of another structure', async () => {
    const release = await fixture.model.holdRebuild();
    await rebuilds.start();
    await eventually(async () => (await fixture.model.schemas()).includes('mailing_rebuild'));
    await fixture.model.tamper("insert into SCHEMA.kysely_migration values ('9999_newer', 'now')");
    await release();
    expect(await rebuilds.ended()).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('another release'),
    });
    await fixture.model.tamper("delete from SCHEMA.kysely_migration where name = '9999_newer'");
    await eventually(async () => !(await fixture.model.schemas()).includes('mailing_rebuild'));
    await rebuilds.run();
  });

  it('goes on in another instance where one ends in the middle, and is whole', async () => {
    const release = await fixture.model.holdRebuild();
    const { id } = await rebuilds.start();
    await eventually(() => fixture.model.isRebuildHeld());
    await fixture.model.killSessions('rebuild');
    for (const service of fixture.running.slice(0, 1)) await fixture.stopService(service);
    await fixture.startService('mailing-later');
    await release();
    const ended = await rebuilds.ended();
    expect(ended).toMatchObject({ id, state: 'done', differencesFound: 0, error: null });
    expect(ended.events).toBe(ended.total);
  });

  it('is forgotten with a schema that is dropped meanwhile, and can be rebuilt again', async () => {
    const release = await fixture.model.holdRebuild();
    await rebuilds.start();
    await eventually(() => fixture.model.isRebuildHeld());
    await fixture.model.dropSchema();
    await release();
    await eventually(async () => (await rebuilds.latest()) === null, { timeoutMs: 30_000 });
    await eventually(async () => (await fixture.model.schemas()).join() === 'mailing', { timeoutMs: 30_000 });
    await eventually(async () => (await fixture.listed('79160000032')).length === 1, { timeoutMs: 30_000 });
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0 });
  });
});
