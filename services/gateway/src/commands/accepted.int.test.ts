import { type CommandOutcome, eventSubjectOf, newId } from '@herald/contracts';
import { eventually, someClient } from '@herald/testkit';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { addToLog } from '../../test/entities.ts';
import { useGateway } from '../../test/use-gateway.ts';

const CLIENT = { phone: '79161234567', timezone: 'Europe/Moscow' };
const ID = newId();

const harness = useGateway({ COMMAND_WAIT_MS: 300 });
beforeAll(async () => {
  await addToLog(harness.others, ID);
});
beforeEach(() => {
  harness.mailing.play = () => null;
  harness.mailing.received.length = 0;
});

test('what is not answered in time is accepted, and can be asked for until it is done', async () => {
  const answer = await harness.call('POST', '/clients', CLIENT);
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
  const { id } = answer.body;
  expect(answer.headers.get('location')).toBe(`/api/v1/commands/${id}`);
  const asked = await harness.call('GET', `/commands/${id}`);
  expect(asked).toMatchObject({ status: 200, body: { id, status: 'accepted' } });

  const command = await eventually(() => harness.mailing.received.find((each) => each.id === id), {
    message: 'the command is in the stream',
  });
  const client = someClient();
  harness.mailing.announce(command, { kind: 'client', client });
  expect((await harness.call('GET', `/commands/${id}`)).body).toEqual({ id, status: 'done', result: client });
});

test('who asks for an accepted one asks where the events of its entity stand', async () => {
  const { body } = await harness.call('POST', '/clients', CLIENT);
  const command = await eventually(() => harness.mailing.received.find(({ id }) => id === body.id));
  await harness.call('GET', `/commands/${body.id}`);
  expect(harness.mailing.asked.at(-1)).toEqual({
    commandId: body.id,
    subject: eventSubjectOf(command),
    upToDate: true,
  });
});

test('a repeat under the key of an accepted command is accepted as the same', async () => {
  const headers = { 'Idempotency-Key': newId() };
  const first = await harness.call('POST', '/clients', CLIENT, headers);
  const again = await harness.call('POST', '/clients', CLIENT, headers);
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.body).toEqual(first.body);
  expect(harness.mailing.received).toHaveLength(1);
});

test('a refused and a removing command say so', async () => {
  const say = async (outcome: CommandOutcome) => {
    harness.mailing.play = () => outcome;
    await harness.call('DELETE', `/clients/${ID}`);
    const { id } = harness.mailing.received.at(-1) ?? { id: '' };
    return (await harness.call('GET', `/commands/${id}`)).body;
  };
  expect(await say({ kind: 'removed' })).toMatchObject({ status: 'done', result: null });
  const refused = await say({ kind: 'refused', refusal: { code: 'client-not-found' } });
  expect(refused).toMatchObject({ status: 'refused', result: { code: 'client-not-found', status: 404 } });
});

test('a command that nobody accepted is not found', async () => {
  expect(await harness.call('GET', `/commands/${newId()}`)).toMatchObject({
    status: 404,
    body: { code: 'command-not-found' },
  });
});
