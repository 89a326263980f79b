import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { LogStanding } from './support/log-standing.ts';
import { collectAll, Scenario } from './support/scenario.ts';

type Entry = {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly actor: string | null;
  readonly correlationId: string;
  readonly data: object;
};

describe('the log for people', () => {
  let herald: Herald;
  let log: LogStanding;
  beforeAll(async () => {
    herald = await Herald.start({ args: ['--scale', 'stats=2'], environment: { STATS_LANES: '16' } });
    log = await LogStanding.open(herald);
  });
  afterAll(async () => {
    await log.close();
    await herald.stop();
  });

  it('tells who did what, when, of a mailing, its messages, a client, and everybody', async () => {
    const scenario = new Scenario(herald);
    const client = await scenario.registerOne();
    const correlationId = `e2e-${scenario.tag}`;
    const mailing = await scenario.createMailing({}, { 'x-correlation-id': correlationId });
    await scenario.untilAllEnded(mailing.id);
    await herald.api.expect('DELETE', `/clients/${client.id}`);
    const paths = {
      mailing: `/mailings/${mailing.id}/events?limit=2`,
      messages: `/mailings/${mailing.id}/events?limit=2&messages=true`,
      client: `/clients/${client.id}/events?limit=1`,
    };
    const isRead = async () => (await collectAll<Entry>(herald, paths.client)).length === 2;
    await eventually(isRead, { message: 'the removal is read' });
    const types = async (path: string): Promise<string[]> => {
      const entries = await collectAll<Entry>(herald, path);
      const positions = entries.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
      for (const { position, at, type, actor, correlationId: correlation, data } of entries) {
        const { event } = await log.at(position, type);
        expect({ at, actor, correlation }).toEqual({
          at: event.time,
          actor: event.actor ?? null,
          correlation: event.correlationid,
        });
        const { recentCommands: _, ...said } = { recentCommands: [], ...event.data };
        expect(data).toEqual(said);
      }
      return entries.map(({ type }) => type);
    };
    const life = ['MailingCreated', 'MailingStarted', 'MailingAudienceResolved', 'MailingSettled'];
    expect(await types(paths.mailing)).toEqual(life);
    const withMessages = await types(paths.messages);
    expect(withMessages.toSorted()).toEqual([...life, 'MessagesQueued', 'OutcomesRecorded'].toSorted());
    expect(await types(paths.client)).toEqual(['ClientRegistered', 'ClientRemoved']);

    const entries = await collectAll<Entry>(herald, paths.mailing);
    expect(new Set(entries.map((entry) => entry.correlationId))).toEqual(new Set([correlationId]));
    const [first] = await scenario.messagesOf(mailing.id);
    const { history } = await herald.api.get<{ history: (Entry & { event: string })[] }>(
      `/messages/${first?.id}`,
    );
    expect(history.map(({ event }) => event)).toEqual(['MessagesQueued', 'MessageSent']);
    for (const { position, event, at, correlationId: correlation } of history) {
      expect((await log.at(position, event, first?.id)).at).toBe(at);
      expect(correlation).toBe(correlationId);
    }

    const all = await eventually(
      async () => {
        const entries = await collectAll<Entry>(herald, '/log?limit=2');
        return entries.at(-1)?.type === 'ClientRemoved' && entries;
      },
      { message: 'all lanes are read' },
    );
    const newest = await herald.api.get<{ items: Entry[] }>('/log?last=3');
    expect(newest.items).toEqual(all.slice(-3));
    const after = all.at(-3)?.position;
    expect((await herald.api.get<{ items: Entry[] }>(`/log?after=${after}`)).items).toEqual(all.slice(-2));
    expect(new Set(all.map(({ type }) => type.replace(/^(Client|Mailing).*/, '$1')))).toEqual(
      new Set(['Client', 'Mailing']),
    );
  });
});
