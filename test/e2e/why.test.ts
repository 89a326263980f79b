import {
  type Client,
  type EventBody,
  eventSubjects,
  type Mailing,
  type Message,
  makeEvent,
} from '@herald/contracts';
import { LogWriter } from '@herald/event-log';
import { eventually, someClient } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { LogStanding, subjectOf } from './support/log-standing.ts';
import { inMs, newPhone, Scenario } from './support/scenario.ts';

type Reason = {
  readonly code: string;
  readonly text: string;
  readonly event: string | null;
  readonly position: number;
  readonly at: string;
};
type Why = { readonly outcome: string; readonly reasons: readonly Reason[]; readonly message?: Message };
type Ids = { readonly id: string };

const HOUR_MS = 3_600_000;
/** Long enough to be seen waiting first, also on a busy machine. */
const END_MS = 6_000;
/** A window in UTC that opens hours after this test, and for an hour. */
const closedWindow = (): { from: string; to: string } => {
  const hour = (inHours: number): string =>
    `${String((new Date().getUTCHours() + inHours) % 24).padStart(2, '0')}:00`;
  return { from: hour(6), to: hour(7) };
};

describe('why a client got a mailing, or did not', () => {
  let herald: Herald;
  let log: LogStanding;
  beforeAll(async () => {
    herald = await Herald.start();
    log = await LogStanding.open(herald);
  });
  afterAll(async () => {
    await log.close();
    await herald.stop();
  });

  /** Waits for an outcome, and finds each reason where it says that it stands. @returns `code Event` of each */
  async function told(mailing: Ids, client: Ids, outcome: string, until?: string): Promise<string[]> {
    const path = `/mailings/${mailing.id}/clients/${client.id}`;
    const found = await eventually(
      async () => {
        const why = await herald.api.get<Why>(path);
        const isThere = until === undefined || why.reasons.some(({ code }) => code === until);
        return why.outcome === outcome && isThere ? why : undefined;
      },
      { timeoutMs: 90_000, message: `${outcome} ${until ?? ''}` },
    );
    for (const { event: name, position, at } of found.reasons) {
      const { event, at: when } = await log.at(position, name, found.message?.id);
      expect([mailing.id, client.id], name ?? '').toContain(subjectOf(event));
      expect(at, name ?? '').toBe(when);
    }
    expect(found.message?.status).toBe(found.message === undefined ? undefined : outcome);
    return found.reasons.map(({ code, event }) => `${code} ${event}`);
  }

  async function textOf(mailing: Ids, client: Ids, code: string): Promise<string> {
    const { reasons } = await herald.api.get<Why>(`/mailings/${mailing.id}/clients/${client.id}`);
    return reasons.find((reason) => reason.code === code)?.text ?? '';
  }

  const register = (tag: string, phone = newPhone()): Promise<Client> =>
    herald.api.expect('POST', '/clients', { body: { phone, timezone: 'UTC', tag } });
  const change = (client: Client, body: object): Promise<Client> =>
    herald.api.expect('PATCH', `/clients/${client.id}`, { body });
  const remove = (client: Client) => herald.api.expect('DELETE', `/clients/${client.id}`);
  const steer = (mailing: Mailing, how: 'pause' | 'resume') =>
    herald.api.expect('POST', `/mailings/${mailing.id}/${how}`);

  it('who was not picked by the start is told by what, whatever became of it since; who was sent stays sent', async () => {
    const scenario = new Scenario(herald);
    const { tag } = scenario;
    const sent = await register(tag, newPhone('901'));
    const otherTag = await register('other', newPhone('901'));
    const otherCode = await register(tag, newPhone('902'));
    const gone = await register(tag, newPhone('901'));
    await remove(gone);
    const mailing = await scenario.createMailing({ filter: { operatorCodes: ['901'], tags: [tag] } });
    await scenario.untilAllEnded(mailing.id);
    const late = await register(tag, newPhone('901'));
    await change(otherTag, { tag });
    await change(sent, { tag: 'other' });
    await remove(sent);

    expect(await told(mailing, sent, 'sent')).toEqual(['sent MessageSent']);
    expect(await told(mailing, otherTag, 'not-addressed', 'changed-since-start')).toEqual([
      'tag-not-in-filter MailingStarted',
      'client-at-start ClientRegistered',
      'changed-since-start ClientChanged',
    ]);
    expect(await textOf(mailing, otherTag, 'client-at-start')).toContain('"other"');
    expect(await told(mailing, otherCode, 'not-addressed')).toEqual([
      'operator-code-not-in-filter MailingStarted',
      'client-at-start ClientRegistered',
    ]);
    expect(await told(mailing, gone, 'not-addressed')).toEqual([
      'removed-before-start ClientRemoved',
      'audience-fixed-at-start MailingStarted',
    ]);
    expect(await told(mailing, late, 'not-addressed', 'registered-after-start')).toEqual([
      'registered-after-start ClientRegistered',
      'audience-fixed-at-start MailingStarted',
    ]);
  });

  it('who waits is told for what, and in the end that it was removed before its turn, or that it was all cancelled', async () => {
    const scenario = new Scenario(herald);
    const [removed, other] = [await register(scenario.tag), await register(scenario.tag)];
    const mailing = await scenario.createMailing({ localWindow: closedWindow() });
    expect(await told(mailing, removed, 'queued')).toEqual([
      'queued MessagesQueued',
      'window-closed MailingCreated',
    ]);
    await steer(mailing, 'pause');
    expect(await told(mailing, removed, 'queued', 'paused')).toEqual([
      'queued MessagesQueued',
      'paused MailingPaused',
      'window-closed MailingCreated',
    ]);
    await remove(removed);
    expect(await told(mailing, removed, 'queued', 'removed-before-call')).toEqual([
      'queued MessagesQueued',
      'removed-before-call ClientRemoved',
    ]);
    const { from, to } = closedWindow();
    const body = { localWindow: { from: to, to: from } };
    await herald.api.expect('PATCH', `/mailings/${mailing.id}`, { body });
    await steer(mailing, 'resume');
    expect(await told(mailing, removed, 'failed')).toEqual([
      'client-removed MessageFailed',
      'removed-before-call ClientRemoved',
    ]);
    expect(await told(mailing, other, 'sent')).toEqual(['sent MessageSent']);

    const deleted = await scenario.createMailing({ localWindow: closedWindow() });
    await told(deleted, other, 'queued');
    await herald.api.expect('DELETE', `/mailings/${deleted.id}`);
    expect(await told(deleted, other, 'cancelled')).toEqual([
      'cancelled MessagesCancelled',
      'mailing-deleted MailingDeleted',
    ]);
  });

  it('who was refused, never answered for, or not reached until the end is told in the words of the provider', async () => {
    const scenario = new Scenario(herald);
    const [refused, declined, failing, lost] = [
      await register(scenario.tag, newPhone('911')),
      await register(scenario.tag, newPhone('912')),
      await register(scenario.tag, newPhone('913')),
      await register(scenario.tag, newPhone('914')),
    ];
    const body = { code: 7, message: 'no such subscriber' };
    await herald.provider.behave({
      rules: [
        { match: { phonePrefix: '7911' }, fault: { kind: 'status', status: 404, body } },
        { match: { phonePrefix: '7912' }, fault: { kind: 'refusal', code: 5, message: 'invalid number' } },
        { match: { phonePrefix: '7913' }, fault: { kind: 'status', status: 503 } },
        { match: { phonePrefix: '7914' }, fault: { kind: 'reset-after' } },
      ],
    });
    try {
      const mailing = await scenario.createMailing({ endAt: inMs(END_MS) });
      expect(await told(mailing, failing, 'queued', 'last-attempt')).toContain('last-attempt MessageRetried');
      expect(await told(mailing, refused, 'failed')).toEqual(['refused MessageFailed']);
      expect(await textOf(mailing, refused, 'refused')).toContain('status 404, code 7: no such subscriber');
      expect(await told(mailing, failing, 'expired')).toEqual([
        'not-sent-in-time MessagesExpired',
        'deadline-passed MailingExpired',
        'last-attempt MessageRetried',
      ]);
      expect(await textOf(mailing, failing, 'last-attempt')).toContain('status 503');
      expect(await told(mailing, lost, 'unknown')).toEqual([
        'answer-lost MessageUnknown',
        'answer-lost MessageRetried',
        'deadline-passed MailingExpired',
      ]);
      expect(await told(mailing, declined, 'failed')).toEqual(['refused MessageFailed']);
      expect(await textOf(mailing, declined, 'refused')).toContain('code 5: invalid number');
    } finally {
      await herald.provider.behaveWell();
    }
  });

  it('who was not let be called until the end is told by what', async () => {
    const scenario = new Scenario(herald);
    const client = await register(scenario.tag);
    const closed = await scenario.createMailing({ localWindow: closedWindow(), endAt: inMs(END_MS) });
    const paused = await scenario.createMailing({ localWindow: closedWindow(), endAt: inMs(END_MS) });
    await steer(paused, 'pause');
    // As a release wrote it that took whatever the run-time knows for a time zone.
    const unreadable = someClient({ phone: newPhone(), tag: scenario.tag, timezone: 'IST' });
    const registered: EventBody = {
      type: 'ClientRegistered',
      data: { client: unreadable, recentCommands: [] },
    };
    const event = makeEvent(registered, { source: 'mailing', correlationId: 'e2e' }, new Date());
    const writer = new LogWriter(log.broker);
    await writer.publish(eventSubjects.client(unreadable.id), JSON.stringify(event));
    writer.close();
    const inZone = await scenario.createMailing({ localWindow: closedWindow() });
    expect(await told(inZone, unreadable, 'failed')).toEqual([
      'time-zone-unknown MessageFailed',
      'time-zone-unknown ClientRegistered',
    ]);
    expect(await told(closed, client, 'expired')).toEqual([
      'not-sent-in-time MessagesExpired',
      'deadline-passed MailingExpired',
      'window-never-open MailingCreated',
    ]);
    expect(await told(paused, client, 'expired')).toEqual([
      'not-sent-in-time MessagesExpired',
      'deadline-passed MailingExpired',
      'paused MailingPaused',
      'window-never-open MailingCreated',
    ]);
  });

  it('of a mailing that has not started it is told whether it ever will', async () => {
    const scenario = new Scenario(herald);
    const client = await register(scenario.tag);
    const coming = await scenario.createMailing({ startAt: inMs(HOUR_MS), endAt: inMs(2 * HOUR_MS) });
    expect(await told(coming, client, 'not-started')).toEqual(['mailing-scheduled MailingCreated']);
    const body = { startAt: inMs(HOUR_MS + 1_000) };
    await herald.api.expect('PATCH', `/mailings/${coming.id}`, { body });
    await eventually(async () => (await told(coming, client, 'not-started'))[0]?.endsWith('MailingChanged'));
    await herald.api.expect('DELETE', `/mailings/${coming.id}`);
    expect(await told(coming, client, 'not-started', 'deleted-before-start')).toEqual([
      'deleted-before-start MailingDeleted',
    ]);

    const started = await scenario.createMailing({ localWindow: closedWindow(), endAt: inMs(END_MS) });
    await told(started, client, 'queued');
    // Nobody says now that a start or an end has come.
    await herald.signal('scheduler-1', 'SIGSTOP');
    try {
      const slept = await scenario.createMailing({ startAt: inMs(500), endAt: inMs(1_500) });
      expect(await told(slept, client, 'not-started', 'ended-before-start')).toEqual([
        'ended-before-start MailingCreated',
      ]);
      expect(await told(started, client, 'queued', 'deadline-passed')).toEqual([
        'queued MessagesQueued',
        'deadline-passed MailingCreated',
      ]);
      await herald.signal('scheduler-1', 'SIGCONT');
      const isSaid = async () =>
        (await told(slept, client, 'not-started', 'ended-before-start'))[0]?.endsWith('MailingExpired');
      await eventually(isSaid, { message: 'the end is said' });
    } finally {
      await herald.signal('scheduler-1', 'SIGCONT');
    }
  });

  it('while nobody plans, who is picked is told so, and gets it afterwards', async () => {
    const scenario = new Scenario(herald);
    const [picked, other] = [await register(scenario.tag), await register('other')];
    const mailing = await scenario.createMailing({ startAt: inMs(3_000) });
    await herald.signal('mailing-1', 'SIGSTOP');
    try {
      expect(await told(mailing, picked, 'being-planned')).toEqual(['plan-incomplete MailingStarted']);
      expect((await told(mailing, other, 'not-addressed'))[0]).toBe('tag-not-in-filter MailingStarted');
    } finally {
      await herald.signal('mailing-1', 'SIGCONT');
    }
    expect(await told(mailing, picked, 'sent')).toEqual(['sent MessageSent']);
  });
});
