import { type CommandBody, commandQuery, commandSubjects, eventSubjects, newId } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, MailingFixture } from '../testing/mailing-fixture.ts';

describe('while nothing is folded', () => {
  let fixture: MailingFixture;
  let release: () => Promise<void>;
  let isHeld = false;
  beforeAll(async () => {
    fixture = await MailingFixture.start();
    await fixture.startService();
  });
  afterAll(() => fixture.stop());
  beforeEach(async () => {
    const letGo = await fixture.holdDirectory();
    isHeld = true;
    release = async () => {
      if (isHeld) await letGo();
      isHeld = false;
    };
  });
  afterEach(() => release());

  const send = (clientId: string, body: CommandBody<'ChangeClient'>, id = newId()) =>
    fixture.command(body, { id, subject: commandSubjects.client(clientId) });
  const changing = (
    clientId: string,
    tag: string,
    expectedVersion?: number,
  ): CommandBody<'ChangeClient'> => ({
    type: 'ChangeClient',
    data: { clientId, changes: { tag }, ...(expectedVersion === undefined ? {} : { expectedVersion }) },
  });

  it('a command that comes again is answered by its own event, whatever came after it', async () => {
    const id = newId();
    const answered = await fixture.register('79420000001', { id });
    await send(clientOf(answered).id, changing(clientOf(answered).id, 'later'));
    expect(await fixture.register('79420000001', { id })).toEqual(answered);
  });

  it('who names the entity is told what a command has come to', async () => {
    const id = newId();
    const answered = await fixture.register('79420000002', { id });
    const subject = eventSubjects.client(clientOf(answered).id);
    const { result } = await ask(fixture.tester.broker, commandQuery, { commandId: id, subject });
    expect(result).toEqual(answered);
  });

  it('a command that its client has forgotten since is not carried out once more', async () => {
    const client = clientOf(await fixture.register('79420000003'));
    const id = newId();
    const answered = await send(client.id, changing(client.id, 'first'), id);
    for (let index = 1; index <= 16; index += 1) {
      clientOf(await send(client.id, changing(client.id, `later ${index}`)));
    }
    expect(await send(client.id, changing(client.id, 'first'), id)).toEqual(answered);
    expect(await fixture.events(eventSubjects.client(client.id))).toHaveLength(18);
  });
});
