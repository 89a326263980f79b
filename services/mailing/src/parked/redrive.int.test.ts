import {
  type Client,
  type ClientEvent,
  directoryParkedQuery,
  eventSubjects,
  type ParkedEvent,
  redriveDirectoryQuery,
} from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually, someClient, someMailing } from '@herald/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clientOf, mailingOf, useMailing } from '../../test/mailing-fixture.ts';
import { OtherRelease } from '../../test/other-release.ts';

const fixture = useMailing(1);

const parked = async (): Promise<ParkedEvent[]> => {
  const { items } = await ask(fixture.tester.broker, directoryParkedQuery, { limit: 1_000, after: null });
  return items;
};
const redrive = (event: Pick<ParkedEvent, 'fold' | 'position'>) =>
  ask(fixture.tester.broker, redriveDirectoryQuery, { fold: event.fold, position: event.position });
const FOLDED = { outcome: 'folded', error: null };

/** Waits until all that stands in the log is folded. */
async function untilFolded(): Promise<void> {
  const tag = crypto.randomUUID();
  const [marker] = await new OtherRelease(fixture.log).register(1, {
    tag,
    phone: `7999${Math.floor(Math.random() * 1e7)}`.padEnd(11, '0'),
  });
  if (marker === undefined) throw new Error('no marker');
  await eventually(async () => (await fixture.listed(marker.phone)).some(({ id }) => id === marker.id));
}

it('shows what was parked, page by page, with what stands in the log', async () => {
  const garbage = '{"type": "Nonsense"';
  await fixture.tester.writer.publish('events.0.entity.client.garbage', garbage);
  const allow = await fixture.model.refuseRows('client', "new.tag = 'poison'");
  const [client] = await new OtherRelease(fixture.log).register(1, { tag: 'poison' });
  const all = await eventually(async () => {
    const found = await parked();
    return found.length === 2 && found;
  });
  expect(all[0]).toMatchObject({ type: null, text: garbage, subject: 'events.0.entity.client.garbage' });
  expect(all[1]).toMatchObject({
    id: `directory.entities.${all[1]?.position}`,
    model: 'directory',
    fold: 'entities',
    subject: eventSubjects.client(client?.id ?? ''),
    type: 'ClientRegistered',
    error: expect.stringContaining('refused'),
  });
  const page = await ask(fixture.tester.broker, directoryParkedQuery, { limit: 1, after: null });
  expect(page).toMatchObject({ items: all.slice(0, 1), next: { position: all[0]?.position } });
  const rest = await ask(fixture.tester.broker, directoryParkedQuery, { limit: 1, after: page.next });
  expect(rest).toEqual({ items: all.slice(1), next: null });
  // What still cannot be folded stays, with the newest reason.
  expect(await redrive(all[1] as ParkedEvent)).toMatchObject({ outcome: 'parked' });
  const unreadable = await redrive(all[0] as ParkedEvent);
  expect(unreadable).toMatchObject({ outcome: 'parked', error: expect.stringContaining('SyntaxError') });
  expect((await parked()).map(({ error }) => error)[0]).toBe(unreadable.error);
  await allow();
  expect(await redrive(all[1] as ParkedEvent)).toEqual(FOLDED);
  expect(await redrive(all[1] as ParkedEvent)).toMatchObject({ outcome: 'not-found' });
  expect(await redrive({ fold: 'lane-0', position: 1 })).toMatchObject({ outcome: 'not-found' });
  expect(await parked()).toEqual(all.slice(0, 1).map((event) => ({ ...event, error: unreadable.error })));
});

it('stores the result of the command that an event tells, and frees the phone that it had claimed', async () => {
  const client = clientOf(await fixture.register('79161230001'));
  const allow = await fixture.model.refuseRows('client', "new.tag = 'poison'");
  const changed = clientOf(await fixture.change(client.id, { phone: '79161230002', tag: 'poison' }));
  const [event] = await eventually(async () => {
    const found = (await parked()).filter(({ type }) => type === 'ClientChanged');
    return found.length === 1 && found;
  });
  await allow();
  // A later event of the same client has won by then.
  const again = clientOf(await fixture.change(client.id, { phone: '79161230003', tag: '' }));
  await eventually(async () => (await fixture.listed('79161230003')).length === 1);
  expect(await redrive(event as ParkedEvent)).toEqual(FOLDED);
  expect(await fixture.listed('79161230003')).toEqual([again]);
  expect(changed.version).toBe(2);
  for (const phone of ['79161230001', '79161230002']) clientOf(await fixture.register(phone));
});

it('leaves a phone to the client that has got it later, while the first one was parked', async () => {
  const allow = await fixture.model.refuseRows('client', "new.tag = 'poison'");
  const first = clientOf(await fixture.register('79161230005', { tag: 'poison' }));
  const event = await eventually(async () =>
    (await parked()).find(({ subject }) => subject === eventSubjects.client(first.id)),
  );
  // As in a directory that was folded anew: it does not know that the phone was taken.
  await fixture.model.tamper("delete from SCHEMA.phone_reservation where phone = '79161230005'");
  const later = clientOf(await fixture.register('79161230005'));
  await eventually(async () => (await fixture.listed('79161230005')).length === 1);
  await allow();
  expect(await redrive(event)).toEqual(FOLDED);
  expect((await fixture.listed('79161230005')).length).toBe(2);
  const refusal = { code: 'phone-taken', clientId: later.id };
  expect((await fixture.register('79161230005')).outcome).toEqual({ kind: 'refused', refusal });
  await fixture.remove(first.id);
});

it('settles a mailing whose completed batches and resolution were parked', async () => {
  const other = new OtherRelease(fixture.log, 5_000);
  await fixture.register('79161230010', { tag: 'of two batches', timezone: 'Europe/Moscow' });
  await fixture.register('79161230011', { tag: 'of two batches', timezone: 'Asia/Omsk' });
  const mailing = mailingOf(await fixture.createMailing({ filter: { tags: ['of two batches'] } }));
  const allow = await fixture.model.refuseRows(
    'plan',
    `new.mailing_id = '${mailing.id}' and tg_op = 'UPDATE'`,
  );
  await fixture.log.startMailing(mailing);
  const batches = [0, 1].map((batch) => ({
    mailingId: mailing.id,
    batch,
    timezone: '',
    firstMessageId: 1,
    clientIds: [''],
  }));
  await eventually(async () => (await parked()).some(({ type }) => type === 'MailingAudienceResolved'));
  await other.complete(batches);
  const events = await eventually(async () => {
    const found = (await parked()).filter(({ subject }) => subject.includes(mailing.id));
    return found.length === 3 && found;
  });
  await allow();
  for (const event of events.toReversed()) expect(await redrive(event)).toEqual(FOLDED);
  await eventually(async () => {
    const last = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
    return last?.type === 'MailingSettled';
  });
});

it('has the directory rebuilt for a start: the plan holds who was there then', async () => {
  await fixture.register('79161230020', { tag: 'there' });
  const mailing = someMailing({ name: 'poison', filter: { tags: ['there'] } });
  const allow = await fixture.model.refuseRows('mailing', "new.state ->> 'name' = 'poison'");
  await fixture.log.startMailing(mailing);
  const event = await eventually(async () => (await parked()).find(({ type }) => type === 'MailingStarted'));
  await fixture.register('79161230021', { tag: 'there' });
  await allow();
  expect(await redrive(event)).toMatchObject({ outcome: 'rebuilding' });
  const last = await eventually(async () => {
    const found = (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
    return found?.type === 'MailingAudienceResolved' && found;
  });
  expect(last.data.mailing.audience).toEqual({ messages: 1, batches: 1 });
  expect((await parked()).some(({ type }) => type === 'MailingStarted')).toBe(false);
});

type Step = {
  readonly kind: 'register' | 'change' | 'move' | 'remove';
  readonly client: number;
  readonly phone: number;
  readonly isPoison: boolean;
};
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'register' as const,
    'change' as const,
    'move' as const,
    'move' as const,
    'remove' as const,
  ),
  client: fc.nat(3),
  phone: fc.nat(3),
  isPoison: fc.boolean(),
});

it('leaves the model that a fold without the trouble leaves, in whatever order events are driven again', async () => {
  const run = async (steps: readonly Step[], order: readonly number[]): Promise<void> => {
    const allow = await fixture.model.refuseRows('client', "new.tag = 'poison'");
    await playSteps(steps);
    await untilFolded();
    await allow();
    const events = (await parked()).filter(({ type }) => type !== null);
    const turns = events.map((event, index) => ({ event, turn: order[index % order.length] ?? 0 }));
    for (const { event } of turns.toSorted((one, other) => one.turn - other.turn))
      expect(await redrive(event)).toEqual(FOLDED);
    const driven = await fixture.model.dump();
    await fixture.model.dropSchema();
    await untilFolded();
    const markers = new Set((driven.client as Client[]).map(({ id }) => id));
    const anew = await fixture.model.dump();
    const known = (anew.client as Client[]).filter(({ id }) => markers.has(id));
    expect(known).toEqual(driven.client);
    const before = driven.reservation as Array<{ phone: string }>;
    const phones = new Set(before.map(({ phone }) => phone));
    expect((anew.reservation as Array<{ phone: string }>).filter(({ phone }) => phones.has(phone))).toEqual(
      before,
    );
    expect((anew.reservation as unknown[]).length - before.length).toBe(1);
  };
  const some = fc.array(step, { minLength: 3, maxLength: 14 });
  const order = fc.array(fc.nat(20), { minLength: 5, maxLength: 5 });
  await fc.assert(fc.asyncProperty(some, order, run), {
    numRuns: Number(process.env.REDRIVE_RUNS ?? 12),
    interruptAfterTimeLimit: 90_000,
    endOnFailure: true,
  });
});

let runs = 0;

/** Appends what clients and commands would lead to: of those that are there no two have one phone. */
async function playSteps(steps: readonly Step[]): Promise<void> {
  runs += 1;
  const clients = new Map<number, Client>();
  for (const { kind, client: number, phone: wanted, isPoison } of steps) {
    const tag = isPoison ? 'poison' : 'fine';
    const phone = `7955${String(runs).padStart(6, '0')}${wanted}`;
    const isFree = ![...clients.values()].some((client) => client.phone === phone);
    const there = clients.get(number);
    if (there === undefined && kind !== 'remove' && isFree) {
      const client = someClient({ phone, tag });
      clients.set(number, client);
      await append({ type: 'ClientRegistered', data: { client, recentCommands: [] } });
    } else if (there !== undefined && kind === 'remove') {
      clients.delete(number);
      await append({ type: 'ClientRemoved', data: { client: there, recentCommands: [] } });
    } else if (there !== undefined) {
      const isMove = kind === 'move' && isFree;
      const client = { ...there, tag, version: there.version + 1, phone: isMove ? phone : there.phone };
      clients.set(number, client);
      const previousPhone = isMove ? there.phone : null;
      await append({ type: 'ClientChanged', data: { client, previousPhone, recentCommands: [] } });
    }
  }
}

const append = (body: ClientEvent): Promise<void> =>
  fixture.log.append(eventSubjects.client(body.data.client.id), body);
