import { type Client, type EventBody, eventSubjects, type Mailing } from '@herald/contracts';
import { someClient } from '@herald/testkit';
import fc from 'fast-check';
import {
  aMailing,
  clientId,
  ending,
  entity,
  grouped,
  isSingle,
  moment,
  outcome,
  queued,
  type Step,
} from './story.ts';

const BATCH = 3;
const BATCHES = 4;
/** Messages of one history. */
export const MESSAGES = BATCHES * BATCH;
const ZONES = ['UTC', 'Asia/Kolkata', 'America/New_York', '+03:00'] as const;

const happening = fc.record({
  kind: fc.constantFrom(
    ...([
      'MessageSent',
      'MessageSent',
      'MessageFailed',
      'MessageRetried',
      'MessageUndecided',
      'MessageUnknown',
    ] as const),
    ...([
      'MessagesExpired',
      'MessagesCancelled',
      'MailingPaused',
      'MailingResumed',
      'MailingDeleted',
    ] as const),
    ...(['ClientChanged', 'ClientRemoved'] as const),
  ),
  batch: fc.nat(BATCHES - 1),
  member: fc.nat(BATCH - 1),
  attempt: fc.integer({ min: 0, max: 4 }),
  gap: fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(20_000) }),
  isGrouped: fc.boolean(),
  tag: fc.constantFrom('', 'vip', 'news'),
});

type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

/**
 * Any history that a log can hold of one mailing and its clients: a batch is queued before anything is said of its messages,
 * and clients change before, between and after.
 *
 * @param name of the mailing, distinct for each history of one log
 * @param firstId the id of its first message
 */
export const historyOf = (name: string, firstId: number): fc.Arbitrary<{ mailing: Mailing; steps: Step[] }> =>
  fc
    .record({ happenings: fc.array(happening, { minLength: 3, maxLength: 30 }), resolvedAfter: fc.nat(40) })
    .map(({ happenings, resolvedAfter }) => {
      const history = new History(name, firstId);
      for (const [index, one] of happenings.entries()) {
        history.add(one, index);
        if (index >= resolvedAfter) history.resolve();
      }
      return history;
    });

class History {
  readonly mailing: Mailing;
  readonly steps: Step[] = [];
  readonly #firstId: number;
  readonly #clients = new Map<number, Client>();
  readonly #known = new Set<number>();
  #now: Mailing;
  #seconds = 0;

  constructor(name: string, firstId: number) {
    this.mailing = aMailing(name);
    this.#now = this.mailing;
    this.#firstId = firstId;
    for (let number = firstId; number < firstId + MESSAGES; number += 1) {
      const tag = number % 2 === 0 ? 'vip' : '';
      const client = someClient({
        id: clientId(number),
        tag,
        operatorCode: number % 3 === 0 ? '916' : '926',
      });
      this.#clients.set(number, client);
      this.#say(eventSubjects.client(client.id), {
        type: 'ClientRegistered',
        data: { client, recentCommands: [] },
      });
    }
    this.steps.push(entity('MailingStarted', this.mailing, moment(0)));
  }

  add(one: Happening, index: number): void {
    this.#seconds += one.gap;
    const first = this.#firstId + one.batch * BATCH;
    switch (one.kind) {
      case 'MailingPaused':
      case 'MailingResumed':
      case 'MailingDeleted': {
        const changed = { ...this.#now, name: `${this.mailing.name} ${index}`, status: STATUSES[one.kind] };
        this.steps.push(entity(one.kind, changed, moment(this.#seconds)));
        return;
      }
      case 'ClientChanged':
      case 'ClientRemoved':
        this.#changeClient(first + one.member, one);
        return;
      default:
        this.#end(first, one, one.kind);
    }
  }

  /** The audience is known once every batch is queued. */
  resolve(): void {
    if (this.#known.size < BATCHES || this.#now.audience !== null) return;
    this.#now = { ...this.mailing, audience: { messages: MESSAGES, batches: BATCHES } };
    this.steps.push(entity('MailingAudienceResolved', this.#now, moment(this.#seconds)));
  }

  #changeClient(number: number, { kind, tag }: Happening): void {
    const known = this.#clients.get(number);
    if (known === undefined) return;
    const client = { ...known, tag, version: known.version + 1 };
    this.#clients.set(number, client);
    const data = { client, recentCommands: [] };
    this.#say(
      eventSubjects.client(client.id),
      kind === 'ClientRemoved'
        ? { type: 'ClientRemoved', data }
        : { type: 'ClientChanged', data: { ...data, previousPhone: null } },
    );
  }

  #end(first: number, { batch, member, attempt, isGrouped }: Happening, kind: EndKind): void {
    const at = moment(this.#seconds);
    const { mailing } = this;
    if (!this.#known.has(batch)) this.steps.push(inZone(queued(mailing, batch, first, BATCH, at), batch));
    this.#known.add(batch);
    const id = first + member;
    const step =
      kind === 'MessagesExpired' || kind === 'MessagesCancelled'
        ? ending(kind, mailing, batch, [first, id], at)
        : outcome(kind, mailing, batch, id, at, attempt, `error ${this.#seconds}`);
    this.steps.push(isGrouped && isSingle(step.body) ? grouped(mailing, batch, first, [step, step]) : step);
  }

  #say(subject: string, body: EventBody): void {
    this.steps.push({ subject, body, at: moment(this.#seconds) });
  }
}

type EndKind = Exclude<
  Happening['kind'],
  'MailingPaused' | 'MailingResumed' | 'MailingDeleted' | 'ClientChanged' | 'ClientRemoved'
>;

const STATUSES = { MailingPaused: 'paused', MailingResumed: 'running', MailingDeleted: 'deleted' } as const;

function inZone(step: Step, batch: number): Step {
  if (step.body.type !== 'MessagesQueued') return step;
  const timezone = ZONES[batch % ZONES.length] ?? 'UTC';
  return { ...step, body: { ...step.body, data: { ...step.body.data, timezone } } };
}
