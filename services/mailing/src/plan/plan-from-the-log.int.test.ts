import { type Client, type EventData, eventSubjects, type Mailing } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailingFixture } from '../../test/mailing-fixture.ts';
import { OtherRelease } from '../../test/other-release.ts';

type Batch = EventData<'MessagesQueued'>;

describe('a directory that is folded anew from a log whose plans are not those that cutting leads to', () => {
  let fixture: MailingFixture;
  beforeEach(async () => {
    fixture = await MailingFixture.start();
  });
  afterEach(() => fixture.stop());

  const batchesOf = async (mailing?: Mailing): Promise<Batch[]> => {
    const filter = mailing === undefined ? 'events.*.message.*.*.queued' : eventSubjects.queuedOf(mailing.id);
    return (await fixture.log.events(filter))
      .flatMap((event) => (event.type === 'MessagesQueued' ? [event.data] : []))
      .toSorted((one, other) => one.batch - other.batch);
  };
  const lastOf = async (mailing: Mailing) =>
    (await fixture.log.events(eventSubjects.mailing(mailing.id))).at(-1);
  const audienceOf = (mailing: Mailing) =>
    eventually(async () => {
      const last = await lastOf(mailing);
      return last !== undefined && 'mailing' in last.data && last.data.mailing.audience;
    });
  const idsOf = (batches: readonly Batch[]): number[] =>
    batches.flatMap(({ firstMessageId, clientIds }) => clientIds.map((_, index) => firstMessageId + index));
  const clientsOf = (batches: readonly Batch[]): string[] => batches.flatMap(({ clientIds }) => clientIds);
  const expectOnce = (values: readonly unknown[]): void => expect(new Set(values).size).toBe(values.length);

  it('adds nothing to a plan that is resolved, settles it by its own count, and goes on behind its ids', async () => {
    const other = new OtherRelease(fixture.log, 1_000);
    const clients = await other.register(9);
    const [settled, open] = [await other.start({ everyone: true }), await other.start({ everyone: true })];
    // One of them left out, and another order, another size.
    const ofSettled = other.cut(settled, clients.slice(1).toReversed(), 3);
    const ofOpen = other.cut(open, clients.slice(2), 2);
    await other.publish([...ofSettled, ...ofOpen]);
    await other.settle(await other.resolve(settled, ofSettled));
    await other.resolve(open, ofOpen);
    await fixture.startService();
    const next = await other.start({ everyone: true });
    expect(await audienceOf(next)).toEqual({ messages: 9, batches: 1 });
    await other.complete(ofOpen);
    const last = await eventually(async () => {
      const event = await lastOf(open);
      return event?.type === 'MailingSettled' && event;
    });
    expect(last.data.mailing.audience).toEqual({ messages: 7, batches: 4 });
    expect(await batchesOf(settled)).toEqual(ofSettled);
    expect(await batchesOf(open)).toEqual(ofOpen);
    expect(await batchesOf(next)).toMatchObject([{ batch: 0, firstMessageId: 1_015 }]);
  });

  it('completes a plan of which a part is there: nobody twice, nobody left out, no id given again', async () => {
    const other = new OtherRelease(fixture.log, 50);
    const clients = await other.register(10, { timezone: 'Europe/Moscow' });
    const partly = await other.start({ everyone: true });
    const batches = other.cut(partly, clients.slice(0, 6), 2);
    const behind = await other.start({ everyone: true });
    const ofBehind = other.cut(behind, clients, 5);
    // The service died before the first batch, and one of the clients has gone since.
    await other.publish([...batches.slice(1), ...ofBehind]);
    await other.resolve(behind, ofBehind);
    await other.remove(clients[9] as Client);
    await fixture.startService();
    expect(await audienceOf(partly)).toEqual({ messages: 10, batches: 3 });
    const completed = await batchesOf(partly);
    expect(completed.filter(({ batch }) => batch > 0)).toEqual(batches.slice(1));
    expectOnce(clientsOf(completed));
    expect(clientsOf(completed).toSorted()).toEqual(clients.map(({ id }) => id).toSorted());
    expect(completed[0]).toMatchObject({ batch: 0, firstMessageId: 66 });
    expectOnce(idsOf(await batchesOf()));
  });

  it('does so where the numbers of what is there have gaps that are not filled', async () => {
    const other = new OtherRelease(fixture.log);
    const clients = await other.register(6, { timezone: 'Europe/Moscow' });
    const mailing = await other.start({ everyone: true });
    const batches = other.cut(mailing, clients, 1);
    await other.publish([batches[0], batches[5]].filter((batch) => batch !== undefined));
    await fixture.startService();
    expect(await audienceOf(mailing)).toEqual({ messages: 6, batches: 3 });
    const completed = await batchesOf(mailing);
    expect(completed.map(({ batch }) => batch)).toEqual([0, 1, 5]);
    expectOnce(clientsOf(completed));
    expect(completed[1]).toMatchObject({ firstMessageId: 7 });
    await other.complete(completed);
    await eventually(async () => (await lastOf(mailing))?.type === 'MailingSettled');
    // Its highest id is not that of its last batch.
    await fixture.model.dropSchema();
    const next = await other.start({ everyone: true });
    expect(await audienceOf(next)).toEqual({ messages: 6, batches: 1 });
    expectOnce(idsOf(await batchesOf()));
  });

  it('gives a plan of which nothing is there ids behind those of all others, later ones too', async () => {
    const other = new OtherRelease(fixture.log, 3);
    const clients = await other.register(4, { timezone: 'Europe/Moscow' });
    const unplanned = await other.start({ everyone: true });
    const later = await other.start({ everyone: true });
    const ofLater = other.cut(later, clients, 2);
    await other.publish(ofLater);
    await other.resolve(later, ofLater);
    await fixture.startService();
    expect(await audienceOf(unplanned)).toEqual({ messages: 4, batches: 1 });
    expect(await batchesOf(unplanned)).toMatchObject([{ batch: 0, firstMessageId: 7 }]);
  });

  it('does not go on beside a batch of which it knows another one', async () => {
    await fixture.startService();
    const other = new OtherRelease(fixture.log);
    const clients = await other.register(3, { timezone: 'Europe/Moscow' });
    // What is folded from now on nobody else has planned.
    await eventually(async () => (await fixture.listed('79161234567')).length === 3);
    const release = await fixture.model.holdDirectory();
    await other.register(1, { timezone: 'Europe/Moscow' });
    const mailing = await other.start({ everyone: true });
    const foreign = other.cut(mailing, clients, 1);
    await other.publish(foreign.slice(0, 1));
    await release();
    const mine = await eventually(async () => (await fixture.model.plannedBatches(mailing.id)) === 1);
    expect(mine).toBe(true);
    // Only a model that is made anew takes over what it did not write.
    expect((await lastOf(mailing))?.type).toBe('MailingStarted');
    await fixture.model.dropSchema();
    expect(await audienceOf(mailing)).toEqual({ messages: 4, batches: 2 });
    expect((await batchesOf(mailing))[0]).toEqual(foreign[0]);
    expectOnce(clientsOf(await batchesOf(mailing)));
  });

  it('keeps what is there, and plans everybody once, whatever the log holds of any number of mailings', async () => {
    let next = 1;
    const run = async (mailings: readonly ForeignMailing[]): Promise<void> => {
      const other = new OtherRelease(fixture.log, next);
      const tag = `run ${next}`;
      const history = await playHistory(other, tag, mailings);
      const service = await fixture.startService();
      const last = await other.start({ tags: [tag] });
      const there = [...history.plans, { mailing: last, batches: [], addressed: history.clients }];
      for (const { mailing, batches, addressed } of there) {
        await audienceOf(mailing);
        const completed = await batchesOf(mailing);
        expect(completed).toEqual(expect.arrayContaining([...batches]));
        expect(clientsOf(completed).toSorted()).toEqual(addressed.toSorted());
      }
      const ids = idsOf(await batchesOf());
      expectOnce(ids);
      next = Math.max(0, ...ids) + 1;
      await fixture.stopService(service);
      await fixture.model.dropSchema();
    };
    await fc.assert(fc.asyncProperty(fc.array(foreignMailing, { minLength: 1, maxLength: 5 }), run), {
      numRuns: Number(process.env.PLAN_RUNS ?? 15),
      interruptAfterTimeLimit: 90_000,
      endOnFailure: true,
    });
  });
});

interface ForeignMailing {
  readonly clients: number;
  readonly left: number;
  readonly size: number;
  readonly isBackwards: boolean;
  readonly published: readonly boolean[];
  readonly state: 'settled' | 'resolved' | 'partly' | 'cut as today';
}

const foreignMailing: fc.Arbitrary<ForeignMailing> = fc.record({
  /** How many clients register before it starts. */
  clients: fc.nat(7),
  /** How many of them its plan leaves out. */
  left: fc.nat(3),
  size: fc.integer({ min: 1, max: 4 }),
  isBackwards: fc.boolean(),
  published: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  state: fc.constantFrom('settled', 'resolved', 'partly', 'partly', 'cut as today'),
});

interface ForeignPlan {
  readonly mailing: Mailing;
  /** Those that are in the log. */
  readonly batches: readonly Batch[];
  /** Whom the plan must hold in the end. */
  readonly addressed: readonly string[];
}

/** Lets another release make mailings, one after another; of the clients one goes after each. */
async function playHistory(
  other: OtherRelease,
  tag: string,
  mailings: readonly ForeignMailing[],
): Promise<{ readonly plans: ForeignPlan[]; readonly clients: readonly string[] }> {
  const plans: ForeignPlan[] = [];
  const clients: Client[] = [];
  for (const given of mailings) {
    clients.push(...(await other.register(given.clients, { tag, timezone: 'Europe/Moscow' })));
    plans.push(await playMailing(other, await other.start({ tags: [tag] }), clients, given));
    const gone = clients.length > 2 ? clients.pop() : undefined;
    if (gone !== undefined) await other.remove(gone);
  }
  return { plans, clients: clients.map(({ id }) => id) };
}

async function playMailing(
  other: OtherRelease,
  mailing: Mailing,
  clients: readonly Client[],
  { left, size, isBackwards, published, state }: ForeignMailing,
): Promise<ForeignPlan> {
  const byId = clients.toSorted((one, another) => (one.id < another.id ? -1 : 1));
  const chosen = isBackwards ? byId.slice(left).toReversed() : byId.slice(left);
  const all = state === 'cut as today' ? other.cut(mailing, byId, 250) : other.cut(mailing, chosen, size);
  const isWhole = state === 'settled' || state === 'resolved';
  const batches = all.filter(({ batch }) => isWhole || published[batch % 8] === true);
  await other.publish(batches);
  if (isWhole) {
    const resolved = await other.resolve(mailing, all);
    if (state === 'settled') await other.settle(resolved);
  }
  const addressed = isWhole ? batches.flatMap(({ clientIds }) => clientIds) : clients.map(({ id }) => id);
  return { mailing, batches, addressed };
}
