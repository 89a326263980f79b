import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CommandResult,
  commandSubjects,
  deriveId,
  eventSubjects,
  type ImportRow,
  newId,
} from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';

const fixture = useMailing(1);

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
  const release = await fixture.model.holdDirectory();
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
  const release = await fixture.model.holdDirectory();
  const first = await send();
  await sleep(APART_MS);
  clientOf(await fixture.change(deriveId(id, 'client', '2'), { phone: next }));
  await fixture.model.forgetResult(id);
  const again = send();
  await takesIt(phone, release);
  expect(await again).toEqual(first);
});

/** A change of the phone that is refused, after it had claimed the phone and died. */
async function refusedChange(clientId: string, phone: string): Promise<void> {
  const id = newId();
  await fixture.model.claim(phone, clientId, id);
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
  const release = await fixture.model.holdDirectory();
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

const isListed = (phone: string): Promise<unknown> =>
  eventually(async () => (await fixture.listed(phone)).length === 1);

const changePhone = (clientId: string, phone: string, id: string): Promise<CommandResult> =>
  fixture.command(
    { type: 'ChangeClient', data: { clientId, changes: { phone } } },
    { id, subject: commandSubjects.client(clientId) },
  );

it('a change gives back what it claims after another delivery of it was carried out and folded', async () => {
  const [first, phone, next] = ['79430000041', '79430000042', '79430000043'];
  const client = clientOf(await fixture.register(first));
  const id = newId();
  const release = await fixture.model.holdClaim(id);
  const late = changePhone(client.id, phone, id);
  await eventually(() => fixture.model.isClaimHeld());
  const changed = { ...client, phone, version: 2 };
  const provenance = { causationId: id, fingerprint: 'fingerprint' };
  const subject = eventSubjects.client(client.id);
  await fixture.log.append(
    subject,
    { type: 'ClientChanged', data: { client: changed, previousPhone: first, recentCommands: [id] } },
    provenance,
  );
  await isListed(phone);
  const left = { ...changed, phone: next, version: 3 };
  await fixture.log.append(subject, {
    type: 'ClientChanged',
    data: { client: left, previousPhone: phone, recentCommands: [id] },
  });
  await isListed(next);
  await release();
  expect(clientOf(await late)).toEqual(changed);
  clientOf(await fixture.register(phone));
});

it('a change that comes again gives back what a late delivery of it had claimed before it died', async () => {
  const [phone, next] = ['79430000052', '79430000053'];
  const { id: clientId } = clientOf(await fixture.register('79430000051'));
  const id = newId();
  const result = await changePhone(clientId, phone, id);
  await isListed(phone);
  // Its client has the phone: only the claim ends, and the phone is free when the client leaves it.
  await fixture.model.claim(phone, clientId, id);
  expect(await changePhone(clientId, phone, id)).toEqual(result);
  clientOf(await fixture.change(clientId, { phone: next }));
  await isListed(next);
  const { id: heir } = clientOf(await fixture.register(phone));
  await isListed(phone);
  await fixture.remove(heir);
  await eventually(async () => (await fixture.listed(phone)).length === 0);
  // Its client has left the phone.
  await fixture.model.claim(phone, clientId, id);
  expect(await changePhone(clientId, phone, id)).toEqual(result);
  clientOf(await fixture.register(phone));
});

it('a registration that comes again gives back what a late delivery of it had claimed before it died', async () => {
  const [phone, next] = ['79430000061', '79430000062'];
  const id = newId();
  const result = await fixture.register(phone, { id });
  await isListed(phone);
  clientOf(await fixture.change(clientOf(result).id, { phone: next }));
  await isListed(next);
  await fixture.model.claim(phone, clientOf(result).id, null);
  expect(await fixture.register(phone, { id })).toEqual(result);
  clientOf(await fixture.register(phone));
});
