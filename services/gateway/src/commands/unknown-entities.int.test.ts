import { COMMANDS_STREAM, eventSubjects, makeEvent, newId } from '@herald/contracts';
import { someClient, someMailing } from '@herald/testkit';
import { beforeEach, expect, test } from 'vitest';
import { addToLog, carryOutAll } from '../../test/entities.ts';
import { useGateway } from '../../test/use-gateway.ts';

const harness = useGateway({ COMMAND_WAIT_MS: 3_000, QUERY_WAIT_MS: 500 });
beforeEach(() => {
  harness.mailing.play = carryOutAll;
  harness.mailing.received.length = 0;
});

const lastCommand = async () =>
  (await harness.others.broker.manager.streams.info(COMMANDS_STREAM)).state.last_seq;

/** Says in the log that both are gone. */
async function remove(id: string): Promise<void> {
  const provenance = { source: 'mailing', correlationId: 'test' };
  const { writer } = harness.others;
  const client = { client: someClient({ id }), recentCommands: [] };
  const mailing = { mailing: someMailing({ id, status: 'deleted' }), recentCommands: [] };
  const removed = makeEvent({ type: 'ClientRemoved', data: client }, provenance, new Date());
  const deleted = makeEvent({ type: 'MailingDeleted', data: mailing }, provenance, new Date());
  await writer.publish(eventSubjects.client(id), JSON.stringify(removed));
  await writer.publish(eventSubjects.mailing(id), JSON.stringify(deleted));
}

const CALLS = [
  ['PATCH', 'clients', '', { tag: 'a' }],
  ['DELETE', 'clients', '', undefined],
  ['PATCH', 'mailings', '', { text: 'x'.repeat(4_096) }],
  ['DELETE', 'mailings', '', undefined],
  ['POST', 'mailings', '/pause', undefined],
  ['POST', 'mailings', '/resume', undefined],
] as const;

test.each(CALLS)(
  '%s /%s/{id}%s of what is not there leaves nothing in the log',
  async (method, kind, what, body) => {
    const code = kind === 'clients' ? 'client-not-found' : 'mailing-not-found';
    const gone = newId();
    await remove(gone);
    const before = await lastCommand();
    const conditional = { 'If-Match': '"3"' };
    const keyed = { 'Idempotency-Key': newId() };
    for (const [id, headers] of [
      [newId(), {}],
      [newId(), keyed],
      [gone, {}],
      [gone, conditional],
    ] as const) {
      const answer = await harness.call(method, `/${kind}/${id}${what}`, body, headers);
      expect(answer).toMatchObject({ status: 404, body: { code } });
    }
    expect(await lastCommand()).toBe(before);
  },
);

test.each(['clients', 'mailings'])('a repeated removal under its key of %s succeeds again', async (kind) => {
  const id = newId();
  await addToLog(harness.others, id);
  const headers = { 'Idempotency-Key': newId() };
  expect((await harness.call('DELETE', `/${kind}/${id}`, undefined, headers)).status).toBe(204);
  await remove(id);
  expect((await harness.call('DELETE', `/${kind}/${id}`, undefined, headers)).status).toBe(204);
  expect(harness.mailing.received).toHaveLength(1);
  const other = await harness.call('DELETE', `/${kind}/${newId()}`, undefined, headers);
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
});

test('a removal under a key whose result nobody can say yet is published under its id again', async () => {
  const id = newId();
  await remove(id);
  harness.mailing.play = () => ({ kind: 'removed' });
  const headers = { 'Idempotency-Key': newId() };
  expect((await harness.call('DELETE', `/clients/${id}`, undefined, headers)).status).toBe(204);
  expect(harness.mailing.received).toHaveLength(1);
});

test('where the log has copies, what one leader does not know is left to those who decide', async () => {
  const { manager } = harness.gateway.broker;
  const { streams } = manager;
  const info: typeof streams.info = async (stream) => {
    const found = await streams.info(stream);
    return { ...found, config: { ...found.config, num_replicas: 3 } };
  };
  const copied = Object.create(streams, { info: { value: info } });
  Object.defineProperty(manager, 'streams', { value: copied, configurable: true, writable: true });
  try {
    harness.mailing.play = () => ({ kind: 'refused', refusal: { code: 'client-not-found' } });
    expect(await harness.call('PATCH', `/clients/${newId()}`, { tag: 'a' })).toMatchObject({ status: 404 });
    expect(harness.mailing.received).toHaveLength(1);
    const gone = newId();
    await remove(gone);
    expect(await harness.call('PATCH', `/clients/${gone}`, { tag: 'a' })).toMatchObject({ status: 404 });
    expect(harness.mailing.received).toHaveLength(1);
  } finally {
    Object.defineProperty(manager, 'streams', { value: streams, configurable: true, writable: true });
  }
});
