import { COMMANDS_STREAM, commandSubjects, newId } from '@herald/contracts';
import { eventually, startTestNats, type TestNats } from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { carryOutAll } from '../../test/entities.ts';
import { type Harness, startHarness } from '../../test/harness.ts';

const CLIENT = { phone: '79161234567', timezone: 'Europe/Moscow' };
const CSV = { 'Content-Type': 'text/csv' };
const MIB = 1_024 * 1_024;

let nats: TestNats;
let harness: Harness;
beforeEach(async () => {
  nats = await startTestNats();
  harness = await startHarness(nats.url, { COMMAND_WAIT_MS: 500 });
  harness.mailing.play = carryOutAll;
});
afterEach(async () => {
  await harness.stop();
  await nats.stop();
});

/** Gives the commands only so much room, bytes; what stands there is taken out. */
async function giveRoom(bytes: number): Promise<void> {
  const { streams } = harness.others.broker.manager;
  await streams.purge(COMMANDS_STREAM);
  await streams.update(COMMANDS_STREAM, { max_bytes: bytes, discard: 'new' as never });
}

const readiness = async () => {
  const response = await fetch(`${harness.url}/readyz`);
  return { status: response.status, body: await response.json() };
};
const metric = async () =>
  (await (await fetch(`${harness.url}/metrics`)).text()).match(/^herald_log_full\{.*\} \d$/m)?.[0];

test('a log without room refuses writes and imports, takes nothing of them later, and says so in readiness', async () => {
  await giveRoom(100);
  const key = { 'Idempotency-Key': newId() };
  const refused = await harness.call('POST', '/clients', CLIENT, key);
  expect(refused).toMatchObject({ status: 503, body: { code: 'log-full' } });
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  const imported = await harness.call('POST', '/clients/import', 'phone,timezone\n79161234567,UTC\n', CSV);
  expect(imported).toMatchObject({ status: 503, body: { code: 'log-full' } });
  expect(await readiness()).toMatchObject({
    status: 503,
    body: { problems: { log: expect.stringContaining('COMMANDS is full') } },
  });
  expect(await metric()).toContain('stream="COMMANDS"');

  await giveRoom(10 * MIB);
  await eventually(async () => (await readiness()).status === 200, { timeoutMs: 20_000 });
  expect(await metric()).toMatch(/ 0$/);
  expect(harness.mailing.received).toEqual([]);
  expect(await harness.call('POST', '/clients', CLIENT, key)).toMatchObject({ status: 201 });
  expect(harness.mailing.received).toHaveLength(1);
});

test('an import that nobody carries out takes no more than half of the room, and single writes have the rest', async () => {
  await giveRoom(MIB);
  harness.mailing.play = () => null;
  const rows = Array.from({ length: 20_000 }, (_, index) => `79${String(index).padStart(9, '0')},UTC\n`);
  const imported = await harness.call('POST', '/clients/import', `phone,timezone\n${rows.join('')}`, CSV);
  expect(imported).toMatchObject({ status: 503, body: { code: 'log-full', importId: expect.any(String) } });
  expect(imported.headers.get('retry-after')).toMatch(/^\d+$/);
  const { state } = await harness.others.broker.manager.streams.info(COMMANDS_STREAM);
  expect(state.bytes).toBeGreaterThan(MIB / 4);
  expect(state.bytes).toBeLessThan(MIB * 0.75);
  expect(await harness.call('POST', '/clients', CLIENT)).toMatchObject({ status: 202 });
  expect((await readiness()).status).toBe(200);
});

test('a write that the log does not acknowledge is of unknown acceptance, until its Location tells', async () => {
  harness.mailing.play = () => null;
  await nats.freeze();
  const unknown = await harness.call('POST', '/clients', CLIENT);
  await nats.thaw();
  expect(unknown).toMatchObject({ status: 503, body: { code: 'acceptance-unknown' } });
  expect(unknown.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(unknown.body.detail).toContain('Idempotency-Key');
  const path = unknown.headers.get('location')?.replace('/api/v1', '') ?? '';
  const known = await eventually(async () => {
    const state = await harness.call('GET', path);
    return state.status === 200 && state;
  });
  expect(known.body).toMatchObject({ status: 'accepted' });
  const command = await eventually(() => harness.mailing.received[0], { message: 'it had arrived' });
  harness.mailing.announce(command, { kind: 'removed' });
  expect(await harness.call('GET', path)).toMatchObject({ status: 200, body: { status: 'done' } });
});

test('a write that the log never got is not found at its Location, and does not come later', async () => {
  const subject = commandSubjects.client(newId());
  const id = newId();
  const note = JSON.stringify({ kind: 'command', unsureOn: subject });
  await harness.others.writer.publish(commandSubjects.accepted(id), note);
  expect(await harness.call('GET', `/commands/${id}`)).toMatchObject({
    status: 404,
    body: { code: 'command-not-found' },
  });
});
