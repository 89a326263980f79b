import { FILE_PIECE_BYTES, type FileFormat, type MessageStatus, messagesFileQuery } from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatsFixture } from '../../../test/stats-fixture.ts';
import { aMailing, entity, moment, outcome, queued } from '../../../test/story.ts';

const SIZE = 250;
const BATCHES = 40;
const ERROR = 'says "no", and\tthen; приве́т, 🎉 =1+1';
const spring = aMailing('spring');
const autumn = aMailing('autumn');

let fixture: StatsFixture;
beforeAll(async () => {
  fixture = await StatsFixture.start();
  let last = await fixture.append(
    entity('MailingCreated', spring, moment(0)),
    entity('MailingCreated', autumn, moment(0)),
  );
  // Batches of two mailings lie between each other, as those of two that are planned at once.
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const first = 1 + batch * 2 * SIZE;
    last = await fixture.append(
      queued(spring, batch, first, SIZE, moment(batch)),
      queued(autumn, batch, first + SIZE, SIZE, moment(batch)),
      outcome('MessageSent', spring, batch, first + 1, moment(100.25), 3),
      ...(batch % 20 === 19
        ? [outcome('MessageFailed', spring, batch, first + 2, moment(101), 1, ERROR)]
        : []),
      outcome('MessageFailed', autumn, batch, first + SIZE, moment(102)),
    );
  }
  await fixture.startService();
  await fixture.folded(last);
});
afterAll(() => fixture.stop());

/** The whole file, piece after piece. */
async function fileOf(
  format: FileFormat,
  status?: MessageStatus,
): Promise<{ readonly text: string; readonly pieces: readonly string[] }> {
  const pieces: string[] = [];
  let after: number | null = null;
  do {
    const request = { mailingId: spring.id, format, status, after };
    const piece: { text: string; next: number | null } = await ask(
      fixture.tester.broker,
      messagesFileQuery,
      request,
    );
    pieces.push(piece.text);
    after = piece.next;
  } while (after !== null);
  return { text: pieces.join(''), pieces };
}

const listed = (status?: MessageStatus) => fixture.allMessages({ mailingId: spring.id, status }, 1_000);

test('NDJSON holds every message as the list shows it, in pieces of whole lines', async () => {
  const { text, pieces } = await fileOf('ndjson');
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  const all = await listed();
  expect(all).toHaveLength(SIZE * BATCHES);
  expect(lines.map((line) => JSON.parse(line))).toEqual(all);
  expect(pieces.length).toBeGreaterThan(3);
  for (const piece of pieces) {
    expect(piece.endsWith('\n')).toBe(true);
    expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(FILE_PIECE_BYTES);
  }
});

test('CSV holds the same, under a row that names the columns', async () => {
  const { text } = await fileOf('csv');
  const [head, ...rows] = parse(text, { record_delimiter: ['\r\n'] }) as string[][];
  expect(head).toEqual([
    'id',
    'mailingId',
    'clientId',
    'status',
    'createdAt',
    'endedAt',
    'attempts',
    'error',
  ]);
  const wanted = (await listed()).map((message) =>
    Object.values(message).map((value) => String(value ?? '')),
  );
  expect(rows).toEqual(wanted);
});

test.each(['failed', 'sent', 'queued', 'cancelled'] as const)(
  'of the messages that are %s all are found, however far apart',
  async (status) => {
    const lines = (await fileOf('ndjson', status)).text.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line))).toEqual(await listed(status));
    const counts = { failed: 2, sent: BATCHES, queued: (SIZE - 1) * BATCHES - 2, cancelled: 0 };
    expect(lines).toHaveLength(counts[status]);
  },
);

test('the words of a provider come whole', async () => {
  const failed = (await listed('failed')).at(-1);
  const stored = ERROR.replace('\t', ' ');
  expect(failed?.error).toBe(stored);
  const csv = parse((await fileOf('csv', 'failed')).text, { record_delimiter: ['\r\n'] }) as string[][];
  expect(csv.at(-1)?.at(-1)).toBe(stored);
});

test('an empty file of CSV still names its columns, and of a mailing that nobody knows too', async () => {
  expect((await fileOf('csv', 'unknown')).text).toMatch(/^id,.*\r\n$/);
  expect((await fileOf('ndjson', 'unknown')).text).toBe('');
});
