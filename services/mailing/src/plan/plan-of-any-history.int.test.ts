import type { Mailing } from '@herald/contracts';
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { CODES, DirectoryLog, TAGS, ZONES } from '../../test/directory-log.ts';
import { usePlans } from '../../test/plan-bed.ts';
import { forgetClientsBefore } from './clients-before.ts';
import { cutPage } from './cut-page.ts';

/** What happens: to those clients whose number leaves `rest` when divided by `every`, or to the plan of that place. */
type Step =
  | { kind: 'register'; clients: number; zones: number }
  | { kind: 'change'; every: number; rest: number; zone: string; tag: string }
  | { kind: 'remove' | 'register again'; every: number; rest: number }
  | { kind: 'start'; filter: Mailing['filter'] }
  | { kind: 'fold' | 'analyze' | 'forget' }
  | { kind: 'cut'; plan: number; batches: number };

const some = { every: fc.integer({ min: 1, max: 9 }), rest: fc.nat(8) };
const filter: fc.Arbitrary<Mailing['filter']> = fc.oneof(
  fc.constant({ everyone: true as const }),
  fc.record({ tags: fc.subarray(TAGS, { minLength: 1 }) }),
  fc.record({
    operatorCodes: fc.subarray(CODES, { minLength: 1 }),
    tags: fc.subarray(TAGS, { minLength: 1 }),
  }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('register' as const),
    clients: fc.integer({ min: 1, max: 500 }),
    zones: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('change' as const),
    ...some,
    zone: fc.constantFrom(...ZONES),
    tag: fc.constantFrom(...TAGS),
  }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'register again' as const), ...some }),
  fc.record({ kind: fc.constant('start' as const), filter }),
  fc.record({ kind: fc.constantFrom('fold' as const, 'analyze' as const, 'forget' as const) }),
  fc.record({ kind: fc.constant('cut' as const), plan: fc.nat(3), batches: fc.integer({ min: 1, max: 5 }) }),
);

describe('a plan that is cut in pages', () => {
  const plans = usePlans();

  it('holds what one statement at the position of its start makes, whatever happens until it is cut', async () => {
    const scenario = fc.record({
      first: fc.integer({ min: 1, max: 1_500 }),
      zones: fc.integer({ min: 1, max: 4 }),
      steps: fc.array(step, { minLength: 4, maxLength: 16, size: 'max' }),
      atOnce: fc.constantFrom(0, 0, 0, 700, 16_000),
      analyzed: fc.boolean(),
      page: fc.integer({ min: 1, max: 7 }),
    });
    const run = async ({
      first,
      zones,
      steps,
      atOnce,
      analyzed,
      page,
    }: ScenarioOf<typeof scenario>): Promise<void> => {
      await plans.empty();
      const log = new DirectoryLog();
      let folded = 0;
      const foldAll = async (): Promise<void> => {
        await plans.fold(log.events.slice(folded), atOnce);
        folded = log.events.length;
      };
      log.register(first, zones);
      await foldAll();
      // The estimate of the directory's size decides in which way a page is read.
      if (analyzed) await sql`analyze client`.execute(plans.database);
      log.start({ everyone: true });
      for (const one of steps) {
        switch (one.kind) {
          case 'register':
            log.register(one.clients, one.zones);
            break;
          case 'change':
            log.change((number) => number % one.every === one.rest % one.every, one.zone, one.tag);
            break;
          case 'remove':
            log.remove((number) => number % one.every === one.rest % one.every);
            break;
          case 'register again':
            log.registerAgain((number) => number % one.every === one.rest % one.every);
            break;
          case 'start':
            log.start(one.filter);
            break;
          case 'fold':
            await foldAll();
            break;
          case 'analyze':
            await sql`analyze client`.execute(plans.database);
            break;
          case 'forget':
            await forgetClientsBefore(plans.database, new AbortController().signal);
            break;
          case 'cut': {
            await foldAll();
            const { mailing } = log.started[one.plan % log.started.length] ?? {};
            if (mailing !== undefined) await cutPage(plans.database, mailing.id, one.batches);
            break;
          }
          default:
            one satisfies never;
        }
      }
      await foldAll();
      for (const { mailing } of log.started) await plans.cutWhole(mailing, page);
      expect(await plans.planned(log)).toEqual(await plans.expected(log));
      await forgetClientsBefore(plans.database, new AbortController().signal);
      expect([await plans.countOf('client_before'), await plans.countOf('plan_cut')]).toEqual([0, 0]);
    };
    await fc.assert(fc.asyncProperty(scenario, run), {
      numRuns: Number(process.env.PLAN_RUNS ?? 15),
      interruptAfterTimeLimit: 90_000,
      endOnFailure: true,
    });
  });
});

type ScenarioOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
