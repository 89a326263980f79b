import {
  clientsQuery,
  commandQuery,
  commandSubjects,
  deriveId,
  eventSubjects,
  newId,
} from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { describe, expect, it } from 'vitest';
import { clientOf, mailingOf, useMailing } from '../../test/mailing-fixture.ts';

const PHONE = 79290000000;

describe('the results of commands that were accepted', () => {
  const fixture = useMailing(2);

  /** Asked again where the directory does not come so far in time: no result is an answer. */
  const resultOf = async (commandId: string) => {
    const answer = await eventually(
      () => ask(fixture.tester.broker, commandQuery, { commandId }).catch(() => false as const),
      { timeoutMs: 20_000 },
    );
    return answer.result;
  };

  it('are told by their events: who asks at once gets what was answered', async () => {
    for (let index = 1; index <= 10; index += 1) {
      const id = newId();
      const answered = await fixture.register(String(PHONE + index), { id });
      expect(await resultOf(id)).toEqual(answered);
    }
  });

  it('are those of the moment, whatever came after', async () => {
    const id = newId();
    const answered = await fixture.register('79290000101', { id, tag: 'first' });
    const clientId = clientOf(answered).id;
    clientOf(await fixture.change(clientId, { tag: 'second', phone: '79290000102' }));
    expect(await resultOf(id)).toEqual(answered);
    // Under another message id it is taken up once more, before and after the row is there.
    expect(await fixture.register('79290000101', { id, tag: 'first' })).toEqual(answered);
  });

  it('leave no phone claimed where a command is carried out again after its client has left it', async () => {
    const id = newId();
    const first = clientOf(await fixture.register('79290000151', { id }));
    const left = clientOf(await fixture.change(first.id, { phone: '79290000152' }));
    await eventually(async () => (await listed('79290000152')).items.length === 1);
    await fixture.model.forgetResult(id);
    expect(clientOf(await fixture.register('79290000151', { id }))).toEqual(left);
    clientOf(await fixture.register('79290000151'));
  });

  it('are there after a crash between the event and everything else', async () => {
    const id = newId();
    const release = await fixture.model.holdDirectory();
    const answered = await fixture.register('79290000201', { id });
    // Delivered once more to a service that knows nothing of it: the event is there, and not folded.
    expect(await fixture.register('79290000201', { id })).toEqual(answered);
    const asked = resultOf(id);
    await release();
    expect(await asked).toEqual(answered);
    const events = await fixture.log.events(eventSubjects.client(clientOf(answered).id));
    expect(events.map(({ type }) => type)).toEqual(['ClientRegistered']);
  });

  it('of mailings are told too, a removal as such', async () => {
    const mailing = mailingOf(await fixture.createMailing());
    const id = newId();
    const body = { type: 'DeleteMailing' as const, data: { mailingId: mailing.id } };
    const subject = commandSubjects.mailing(mailing.id);
    const answered = await fixture.command(body, { id, subject });
    expect(answered.outcome).toEqual({ kind: 'removed' });
    expect(await resultOf(id)).toEqual(answered);
    expect(await fixture.command(body, { id, subject })).toEqual(answered);
  });

  it('of an earlier release, which died before it stored one, are the client as it is', async () => {
    const id = newId();
    const clientId = deriveId(id, 'client');
    const client = {
      id: clientId,
      phone: '79290000301',
      operatorCode: '929',
      tag: '',
      timezone: 'UTC',
      version: 1,
      createdAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
    };
    // Its events say nothing of fingerprints.
    await fixture.log.append(eventSubjects.client(clientId), {
      type: 'ClientRegistered',
      data: { client, recentCommands: [id] },
    });
    const answered = await fixture.register('79290000301', { id });
    expect(answered.outcome).toEqual({ kind: 'client', client });
    expect(await resultOf(id)).toEqual(answered);
  });

  it('come back with the model that is made anew, and the phones with them', async () => {
    const id = newId();
    const answered = await fixture.register('79290000401', { id });
    await eventually(async () => (await listed('79290000401')).items.length === 1);
    await fixture.model.dropSchema();
    // Until another schema is there the one that was dropped is asked, which fails.
    expect(await resultOf(id)).toEqual(answered);
    expect(await fixture.register('79290000401', { id })).toEqual(answered);
  });

  const listed = (phone: string) =>
    ask(fixture.tester.broker, clientsQuery, { phone, limit: 10, after: null });
});

describe('commands that wait together', () => {
  const fixture = useMailing(1);

  it('are answered each by itself: one whose stored result is broken costs the other 31 nothing', async () => {
    const poisoned = newId();
    await fixture.model.spoilResult(poisoned);
    const isAnswered = fixture.register('79290000500', { id: poisoned }, 1_500).then(
      () => true,
      () => false,
    );
    const others = await Promise.all(
      Array.from({ length: 31 }, (_, index) => fixture.register(String(79290000501 + index))),
    );
    expect(new Set(others.map((result) => clientOf(result).phone)).size).toBe(31);
    expect(await isAnswered).toBe(false);
  });

  it('are answered each by itself: what one is refused for, and what one waits for, is its own', async () => {
    const owner = clientOf(await fixture.register('79290000600'));
    const left = clientOf(await fixture.register('79290000601'));
    await eventually(
      async () =>
        (
          await ask(fixture.tester.broker, clientsQuery, {
            phone: '79290000601',
            limit: 1,
            after: null,
          })
        ).items.length === 1,
    );
    const release = await fixture.model.holdDirectory();
    await fixture.remove(left.id);
    const waiting = fixture.register('79290000601');
    const refused = fixture.register('79290000600');
    const faulty = fixture.register('79290000602', { timezone: 'Mars/Olympus' });
    const others = Array.from({ length: 29 }, (_, index) => fixture.register(String(79290000610 + index)));
    for (const result of await Promise.all(others)) clientOf(result);
    const refusal = { code: 'phone-taken', clientId: owner.id };
    expect((await refused).outcome).toEqual({ kind: 'refused', refusal });
    expect((await faulty).outcome).toMatchObject({ refusal: { code: 'timezone-invalid' } });
    await release();
    expect(clientOf(await waiting).phone).toBe('79290000601');
  });

  it('are answered each by itself: a phone that somebody holds in a transaction holds up no other', async () => {
    const release = await fixture.model.holdPhone('79290000700');
    const held = fixture.register('79290000700');
    const others = Array.from({ length: 31 }, (_, index) => fixture.register(String(79290000701 + index)));
    for (const result of await Promise.all(others)) clientOf(result);
    await release();
    await held;
  });

  it('make one client of thirty that race for one phone under one service', async () => {
    const results = await Promise.all(Array.from({ length: 30 }, () => fixture.register('79290000800')));
    expect(results.filter(({ outcome }) => outcome.kind === 'client')).toHaveLength(1);
  });
});
