import { type CommandBody, commandQuery, commandSubjects, eventSubjects, newId } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';

describe('while nothing is folded', () => {
  const fixture = useMailing(1);
  let release: () => Promise<void>;
  let isHeld = false;
  beforeEach(async () => {
    const letGo = await fixture.model.holdDirectory();
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
    expect(await fixture.log.events(eventSubjects.client(client.id))).toHaveLength(18);
  });

  it('nothing is refused that another delivery has carried out meanwhile', async () => {
    const client = clientOf(await fixture.register('79420000004'));
    const id = newId();
    const changed = { ...client, tag: 'by the other delivery', version: 2 };
    // Its memory is left empty, as if the event came behind the look at the client.
    await fixture.log.append(
      eventSubjects.client(client.id),
      { type: 'ClientChanged', data: { client: changed, previousPhone: null, recentCommands: [] } },
      { causationId: id, fingerprint: 'fingerprint' },
    );
    const { outcome } = await send(client.id, changing(client.id, 'any', 1), id);
    expect(outcome).toEqual({ kind: 'client', client: changed });
  });

  it('a refusal that was stored gives way to what the event of the same command tells', async () => {
    const id = newId();
    const answered = await fixture.register('79420000005', { id });
    await fixture.model.storeRefusal(id);
    await release();
    await eventually(async () => {
      const { result } = await ask(fixture.tester.broker, commandQuery, { commandId: id });
      expect(result).toEqual(answered);
      return true;
    });
  });
});
