import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StatsFixture } from '../../test/stats-fixture.ts';
import { aMailing, clientId, ending, entity, moment, outcome, queued } from '../../test/story.ts';

const spring = aMailing('spring', { createdAt: moment(-20).toISOString() });
const summer = aMailing('summer', { createdAt: moment(-10).toISOString(), status: 'scheduled' });
const autumn = aMailing('autumn', { createdAt: moment(-5).toISOString() });
const resolved = { ...spring, audience: { messages: 6, batches: 2 } };
const deleted = { ...autumn, status: 'deleted' as const };
const NONE = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };

let fixture: StatsFixture;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  const last = await fixture.append(
    entity('MailingCreated', spring, moment(-20)),
    entity('MailingCreated', summer, moment(-10)),
    entity('MailingCreated', autumn, moment(-5)),
    queued(spring, 0, 1, 4, moment(1)),
    queued(spring, 1, 5, 2, moment(2)),
    entity('MailingAudienceResolved', resolved, moment(3)),
    outcome('MessageSent', spring, 0, 1, moment(10)),
    outcome('MessageRetried', spring, 0, 2, moment(11), 1, 'busy'),
    outcome('MessageSent', spring, 0, 2, moment(75), 2),
    outcome('MessageUndecided', spring, 0, 3, moment(12), 0, 'undecidable: TypeError'),
    outcome('MessageFailed', spring, 0, 3, moment(76), 1, 'no such phone'),
    outcome('MessageUnknown', spring, 1, 5, moment(80), 1, 'no answer'),
    queued(autumn, 0, 7, 2, moment(90)),
    entity('MailingDeleted', deleted, moment(91)),
    ending('MessagesCancelled', autumn, 0, [7, 8], moment(92)),
  );
  await fixture.startService();
  await fixture.folded(last);
});
afterAll(() => fixture.stop());

describe('the overview', () => {
  const springRow = {
    mailing: spring.id,
    name: 'spring',
    status: 'running',
    planned: 6,
    counts: { ...NONE, queued: 2, sent: 2, failed: 1, unknown: 1 },
  };
  const summerRow = { mailing: summer.id, name: 'summer', status: 'scheduled', planned: 0, counts: NONE };

  test('shows every mailing but deleted ones, the newest first, with the totals', async () => {
    const { asOf, ...answer } = await fixture.overview();
    expect(answer).toStrictEqual({
      items: [summerRow, springRow],
      next: null,
      totals: { planned: 6, ...springRow.counts },
    });
    expect(Date.parse(asOf)).toBeGreaterThan(Date.now() - 120_000);
  });

  test('goes on behind its last row, with the totals over all pages', async () => {
    const first = await fixture.overview({ limit: 1 });
    expect(first).toMatchObject({
      items: [summerRow],
      next: { createdAt: summer.createdAt, id: summer.id },
      totals: { planned: 6 },
    });
    expect(await fixture.overview({ limit: 1, after: first.next })).toMatchObject({
      items: [springRow],
      next: null,
      totals: { planned: 6 },
    });
  });

  test('keeps to one status', async () => {
    const answer = await fixture.overview({ status: 'scheduled' });
    expect(answer).toMatchObject({ items: [summerRow], totals: { planned: 0, ...NONE } });
  });
});

describe('the statistics of one mailing', () => {
  test('count every status, the retries, the first and last sending, and when messages ended', async () => {
    const none = { sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
    const { asOf: _asOf, ...stats } = (await fixture.statsOf(spring)) ?? { asOf: '' };
    expect(stats).toStrictEqual({
      mailing: spring.id,
      name: 'spring',
      status: 'running',
      planned: 6,
      audienceResolved: true,
      counts: { ...NONE, queued: 2, sent: 2, failed: 1, unknown: 1 },
      retries: 1,
      firstSentAt: moment(10).toISOString(),
      lastSentAt: moment(75).toISOString(),
      ratePerSecond: null,
      expectedEndAt: null,
      timelineSeconds: 1,
      timeline: [
        { ...none, at: moment(10).toISOString(), sent: 1 },
        { ...none, at: moment(75).toISOString(), sent: 1 },
        { ...none, at: moment(76).toISOString(), failed: 1 },
        { ...none, at: moment(80).toISOString(), unknown: 1 },
      ],
      breakdown: null,
    });
  });

  test('stay readable after it was deleted', async () => {
    expect(await fixture.statsOf(autumn)).toMatchObject({
      status: 'deleted',
      planned: 2,
      audienceResolved: false,
      counts: { ...NONE, cancelled: 2 },
      firstSentAt: null,
    });
  });

  test('are null for one that never was', async () => {
    expect(await fixture.statsOf(aMailing('never'))).toBeNull();
  });
});

describe('the messages', () => {
  const ids = async (question: Parameters<StatsFixture['allMessages']>[0], limit = 100): Promise<number[]> =>
    (await fixture.allMessages(question, limit)).map(({ id }) => id);

  test('come in the order of their ids, each page behind the last', async () => {
    expect(await ids({ mailingId: spring.id }, 4)).toStrictEqual([1, 2, 3, 4, 5, 6]);
    expect(await ids({ mailingId: spring.id }, 1)).toStrictEqual([1, 2, 3, 4, 5, 6]);
    const last = await fixture.messages({ mailingId: spring.id, limit: 6 });
    expect(last.next).toBeNull();
  });

  test('are narrowed by mailing, client and status', async () => {
    expect(await ids({ mailingId: spring.id, status: 'queued' })).toStrictEqual([4, 6]);
    expect(await ids({ mailingId: spring.id, status: 'queued' }, 1)).toStrictEqual([4, 6]);
    expect(await ids({ clientId: clientId(5) })).toStrictEqual([5]);
    expect(await ids({ clientId: clientId(5), status: 'sent' })).toStrictEqual([]);
    expect(await ids({ mailingId: autumn.id, status: 'cancelled' })).toStrictEqual([7, 8]);
  });

  test('of a status or a client are found page by page, past the batches that hold none', async () => {
    expect(await ids({ status: 'cancelled' }, 1)).toStrictEqual([7, 8]);
    expect(await ids({ status: 'sent' }, 1)).toStrictEqual([1, 2]);
    expect(await ids({}, 3)).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await ids({ clientId: clientId(8), status: 'cancelled' }, 1)).toStrictEqual([8]);
  });

  test('say what became of them', async () => {
    const page = await fixture.messages({ mailingId: spring.id, status: 'failed' });
    expect(page.items).toStrictEqual([
      {
        id: 3,
        mailingId: spring.id,
        clientId: clientId(3),
        status: 'failed',
        createdAt: moment(1).toISOString(),
        endedAt: moment(76).toISOString(),
        attempts: 1,
        error: 'no such phone',
      },
    ]);
  });
});

describe('one message', () => {
  test('tells all that happened to it, and nothing of the others in its batch', async () => {
    const found = await fixture.message(2);
    expect(found).toMatchObject({ id: 2, status: 'sent', attempts: 2, error: null });
    expect(found?.history).toStrictEqual([
      {
        at: moment(1).toISOString(),
        event: 'MessagesQueued',
        position: 4,
        actor: null,
        correlationId: 'test',
        attempt: null,
        statusCode: null,
        durationMs: null,
        error: null,
      },
      {
        at: moment(11).toISOString(),
        event: 'MessageRetried',
        position: 8,
        actor: null,
        correlationId: 'test',
        attempt: 1,
        statusCode: 500,
        durationMs: 12,
        error: 'busy',
      },
      {
        at: moment(75).toISOString(),
        event: 'MessageSent',
        position: 9,
        actor: null,
        correlationId: 'test',
        attempt: 2,
        statusCode: 200,
        durationMs: 12,
        error: null,
      },
    ]);
  });

  test('says how often it could not be decided', async () => {
    const found = await fixture.message(3);
    expect(found?.history[1]).toStrictEqual({
      at: moment(12).toISOString(),
      event: 'MessageUndecided',
      position: 10,
      actor: null,
      correlationId: 'test',
      attempt: 0,
      statusCode: null,
      durationMs: null,
      error: 'undecidable: TypeError',
    });
  });

  test('of which nothing is known yet but its batch has that alone in its history', async () => {
    expect((await fixture.message(6))?.history).toMatchObject([{ event: 'MessagesQueued' }]);
  });

  test('that ended with many others says so', async () => {
    const found = await fixture.message(8);
    expect(found?.history.map(({ event }) => event)).toStrictEqual(['MessagesQueued', 'MessagesCancelled']);
  });

  test('that never was is null', async () => {
    expect(await fixture.message(99)).toBeNull();
  });
});
