import { COMMANDS_STREAM, commandSubjects, EVENTS_STREAM, newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, MailingFixture } from '../test/mailing-fixture.ts';

describe('the mailing service and the room in the log', () => {
  let fixture: MailingFixture;
  beforeEach(async () => {
    fixture = await MailingFixture.start();
  });
  afterEach(() => fixture.stop());

  const streams = () => fixture.tester.broker.manager.streams;
  const commandsLeft = async () => (await streams().info(COMMANDS_STREAM)).state.messages;

  it('takes out of the stream what it has carried out, and answers a repeat all the same', async () => {
    await fixture.startService();
    const id = newId();
    const first = clientOf(await fixture.register('79400000001', { id }));
    for (const phone of ['79400000002', '79400000003']) await fixture.register(phone);
    await eventually(async () => (await commandsLeft()) === 0, { message: 'no command is left' });
    expect(clientOf(await fixture.register('79400000001', { id }))).toEqual(first);
    expect(await fixture.log.events()).toHaveLength(3);
  });

  it('leaves nothing of changes that it has refused, whatever they weigh', async () => {
    const service = await fixture.startService();
    const text = 'x'.repeat(50_000);
    const refused = Array.from({ length: 60 }, () => {
      const mailingId = newId();
      const body = { type: 'ChangeMailing', data: { mailingId, changes: { text } } } as const;
      return fixture.command(body, { subject: commandSubjects.mailing(mailingId) });
    });
    for (const { outcome } of await Promise.all(refused)) expect(outcome.kind).toBe('refused');
    await fixture.stopService(service);
    expect((await streams().info(COMMANDS_STREAM)).state).toMatchObject({ messages: 0, bytes: 0 });
  });

  it('keeps a command that finds the log full, and carries it out once when there is room', async () => {
    const service = await fixture.startService();
    clientOf(await fixture.register('79400000004'));
    const { state } = await streams().info(EVENTS_STREAM);
    await streams().update(EVENTS_STREAM, { max_bytes: state.bytes });
    const waiting = fixture.register('79400000005', {}, 25_000);
    await eventually(async () => (await service.health.problems()).log?.includes('EVENTS is full'));
    await eventually(async () => (await commandsLeft()) === 1, { message: 'it alone is left' });
    await streams().update(EVENTS_STREAM, { max_bytes: -1 });
    clientOf(await waiting);
    expect(await fixture.log.events()).toHaveLength(2);
    await eventually(async () => (await commandsLeft()) === 0);
  });

  it('stops in order while the log is full, and carries out afterwards what it left behind', async () => {
    const service = await fixture.startService();
    clientOf(await fixture.register('79400000006'));
    const { state } = await streams().info(EVENTS_STREAM);
    await streams().update(EVENTS_STREAM, { max_bytes: state.bytes });
    const waiting = fixture.register('79400000007', {}, 28_000);
    await eventually(async () => (await service.health.problems()).log !== undefined);
    await fixture.stopService(service);
    expect(await commandsLeft()).toBe(1);
    expect(await fixture.log.events()).toHaveLength(1);
    await streams().update(EVENTS_STREAM, { max_bytes: -1 });
    await fixture.startService();
    clientOf(await waiting);
    expect(await fixture.log.events()).toHaveLength(2);
  });
});
