import { type EventBody, eventSubjects, type Mailing } from '@herald/contracts';
import { eventually, someMailing } from '@herald/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';
import { Rebuilds } from '../../test/rebuilds.ts';

const fixture = useMailing(1);
const rebuilds = new Rebuilds(fixture);

type Step =
  | {
      readonly kind: 'register' | 'move' | 'change' | 'remove';
      readonly client: number;
      readonly phone: number;
    }
  | { readonly kind: 'create' | 'start' | 'complete' | 'pause' | 'delete'; readonly mailing: number }
  | { readonly kind: 'rebuild' | 'kill' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'register' as const,
        'register' as const,
        'move' as const,
        'change' as const,
        'remove' as const,
      ),
      client: fc.nat(7),
      phone: fc.nat(9),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'create' as const,
        'start' as const,
        'start' as const,
        'complete' as const,
        'pause' as const,
        'delete' as const,
      ),
      mailing: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rebuild' as const, 'kill' as const) }) },
);

let runs = 0;

/** Plays one history against the services, with rebuilds and dying instances in between. */
class History {
  readonly #run = ++runs;
  readonly #clients = new Map<number, string>();
  readonly #mailings: Mailing[] = [];

  async take(one: Step): Promise<void> {
    switch (one.kind) {
      case 'register':
      case 'move':
      case 'change':
      case 'remove':
        return this.#takeClient(one.kind, one.client, this.#phone(one.phone));
      case 'create':
        return this.#append('MailingCreated', someMailing({ filter: { tags: [`run ${this.#run}`] } }));
      case 'start':
      case 'complete':
      case 'pause':
      case 'delete':
        return this.#takeMailing(one.kind, one.mailing);
      case 'rebuild':
        await rebuilds.start();
        return;
      case 'kill':
        await fixture.model.killSessions('mailing-');
        await fixture.model.killSessions('lock mailing');
        return;
      default:
        one satisfies never;
    }
  }

  #phone(number: number): string {
    return `7944${String(this.#run).padStart(6, '0')}${number}`;
  }

  async #takeClient(
    kind: 'register' | 'move' | 'change' | 'remove',
    number: number,
    phone: string,
  ): Promise<void> {
    const id = this.#clients.get(number);
    if (kind === 'register') {
      const { outcome } = await fixture.register(phone, { tag: `run ${this.#run}` }, 60_000);
      if (outcome.kind === 'client') this.#clients.set(number, outcome.client.id);
    } else if (id !== undefined) {
      if (kind === 'remove') await fixture.remove(id);
      else await fixture.change(id, kind === 'move' ? { phone } : { tag: `run ${this.#run} ${phone}` });
    }
  }

  async #takeMailing(kind: 'start' | 'complete' | 'pause' | 'delete', number: number): Promise<void> {
    const found = this.#mailings[number];
    if (found === undefined) return;
    const last = (await fixture.log.events(eventSubjects.mailing(found.id))).at(-1);
    if (last === undefined || !('mailing' in last.data)) return;
    const { mailing } = last.data;
    if (kind === 'start' && mailing.startedAt === null && mailing.status === 'scheduled')
      await this.#append('MailingStarted', {
        ...mailing,
        status: 'running',
        startedAt: new Date().toISOString(),
      });
    if (kind === 'pause' && mailing.status === 'running' && mailing.audience !== null)
      await this.#append('MailingPaused', { ...mailing, status: 'paused' });
    if (kind === 'delete' && mailing.startedAt === null && mailing.status !== 'deleted')
      await this.#append('MailingDeleted', { ...mailing, status: 'deleted' });
    if (kind === 'complete' && mailing.audience !== null && mailing.settledAt === null)
      for (let batch = 0; batch < mailing.audience.batches; batch += 1)
        await fixture.log.append(eventSubjects.batch(mailing.id, batch), {
          type: 'BatchCompleted',
          data: { mailingId: mailing.id, batch, messages: 1 },
        });
  }

  async #append(
    type: 'MailingCreated' | 'MailingStarted' | 'MailingPaused' | 'MailingDeleted',
    mailing: Mailing,
  ): Promise<void> {
    if (type === 'MailingCreated') this.#mailings.push(mailing);
    const body: EventBody<typeof type> = { type, data: { mailing, recentCommands: [] } };
    await fixture.log.append(eventSubjects.mailing(mailing.id), body);
  }

  /** Waits until nothing is due any more. */
  async rest(): Promise<void> {
    for (const { id } of this.#mailings) {
      await eventually(
        async () => {
          const last = (await fixture.log.events(eventSubjects.mailing(id))).at(-1);
          const mailing = last !== undefined && 'mailing' in last.data ? last.data.mailing : undefined;
          return mailing?.startedAt === null || mailing?.audience !== null;
        },
        { timeoutMs: 60_000 },
      );
    }
    const marker = clientOf(await fixture.register(this.#phone(9).replace('7944', '7955'), {}, 60_000));
    await eventually(async () => (await fixture.listed(marker.phone)).length === 1, { timeoutMs: 60_000 });
  }
}

it('leads to what the live model holds, whatever happened and whoever died in between', async () => {
  const run = async (steps: readonly Step[]): Promise<void> => {
    const history = new History();
    for (const one of steps) await history.take(one);
    await history.rest();
    if ((await rebuilds.latest()) !== null)
      expect(await rebuilds.ended()).toMatchObject({ state: 'done', differences: [] });
    const live = await fixture.model.dump();
    expect(await rebuilds.run()).toMatchObject({ differencesFound: 0, differences: [] });
    expect(await fixture.model.dump()).toEqual(live);
    await fixture.model.dropSchema();
    const marker = clientOf(
      await fixture.register(`79${String(66_000_000_0 + runs)}`.padEnd(11, '0'), {}, 60_000),
    );
    await eventually(async () => (await fixture.listed(marker.phone)).length === 1, { timeoutMs: 60_000 });
    const anew = await fixture.model.dump();
    for (const table of ['client', 'reservation'])
      expect(anew[table]?.filter((row) => row.phone !== marker.phone)).toEqual(live[table]);
    for (const table of ['mailing', 'plan', 'counter', 'cut']) expect(anew[table]).toEqual(live[table]);
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }), run), {
    numRuns: Number(process.env.REBUILD_RUNS ?? 6),
    interruptAfterTimeLimit: 90_000,
    endOnFailure: true,
  });
});
