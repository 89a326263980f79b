import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandResult, commandSubjects, deriveId, type ImportRow, newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf, MailingFixture } from '../testing/mailing-fixture.ts';

let fixture: MailingFixture;
beforeAll(async () => {
  fixture = await MailingFixture.start();
  await fixture.startService();
});
afterAll(() => fixture.stop());

/** Longer than the directory needs to read what was appended, so that the next event is folded by itself. */
const APART_MS = 150;

/**
 * Somebody wants a phone of which it is folded only later that its client had it, and has left it. Who got it before that
 * would lose it to that client, and then to anybody.
 */
async function takesIt(phone: string, release: () => Promise<void>): Promise<void> {
  const wanted = fixture.register(phone, {}, 60_000);
  const isEarly = await Promise.race([wanted, sleep(1_000, 'waits')]);
  await release();
  expect(isEarly).toBe('waits');
  const { id } = clientOf(await wanted);
  await eventually(async () => (await fixture.listed(phone)).some((client) => client.id === id));
  const { outcome } = await fixture.register(phone);
  expect(outcome).toEqual({ kind: 'refused', refusal: { code: 'phone-taken', clientId: id } });
}

it('a phone that a repeated registration gives back goes to one client alone', async () => {
  const [phone, next] = ['79430000001', '79430000002'];
  const id = newId();
  const release = await fixture.holdDirectory();
  const client = clientOf(await fixture.register(phone, { id }));
  await sleep(APART_MS);
  clientOf(await fixture.change(client.id, { phone: next }));
  const again = fixture.register(phone, { id }, 60_000);
  await takesIt(phone, release);
  expect(clientOf(await again)).toEqual(client);
});

it('a phone that a repeated import gives back goes to one client alone', async () => {
  const [phone, next] = ['79430000011', '79430000012'];
  const id = newId();
  const importId = newId();
  const rows: ImportRow[] = [{ line: 2, phone, timezone: 'UTC' }];
  const send = (): Promise<CommandResult> =>
    fixture.command(
      { type: 'ImportClients', data: { importId, chunk: 0, onDuplicate: 'reject', rows } },
      { id, subject: commandSubjects.import(importId), waitMs: 60_000 },
    );
  const release = await fixture.holdDirectory();
  const first = await send();
  await sleep(APART_MS);
  clientOf(await fixture.change(deriveId(id, 'client', '2'), { phone: next }));
  await fixture.forgetResult(id);
  const again = send();
  await takesIt(phone, release);
  expect(await again).toEqual(first);
});

/** A change of the phone that is refused, after it had claimed the phone and died. */
async function refusedChange(clientId: string, phone: string): Promise<void> {
  const id = newId();
  await fixture.claim(phone, clientId, id);
  const { outcome } = await fixture.command(
    { type: 'ChangeClient', data: { clientId, changes: { phone }, expectedVersion: 9 } },
    { id, subject: commandSubjects.client(clientId), waitMs: 60_000 },
  );
  expect(outcome).toMatchObject({ refusal: { code: 'version-mismatch' } });
}

it('a phone that a refused change gives back goes to one client alone', async () => {
  const phone = '79430000021';
  const { id } = clientOf(await fixture.register('79430000022'));
  await eventually(async () => (await fixture.listed('79430000022')).length === 1);
  const release = await fixture.holdDirectory();
  clientOf(await fixture.change(id, { phone }));
  await sleep(APART_MS);
  clientOf(await fixture.change(id, { phone: '79430000023' }));
  const refused = refusedChange(id, phone);
  await takesIt(phone, release);
  await refused;
});

it('a refused change leaves free what it had claimed, and to the client what it has', async () => {
  const phone = '79430000031';
  const { id } = clientOf(await fixture.register(phone));
  await refusedChange(id, '79430000032');
  clientOf(await fixture.register('79430000032'));
  await refusedChange(id, phone);
  const refusal = { code: 'phone-taken', clientId: id };
  expect((await fixture.register(phone)).outcome).toEqual({ kind: 'refused', refusal });
  clientOf(await fixture.change(id, { phone: '79430000033' }));
  clientOf(await fixture.register(phone));
});
