import { newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { carryOutAll } from '../../../test/entities.ts';
import { csvOf, phoneOf, useImports, WAIT_MS } from '../../../test/use-imports.ts';

const bed = useImports();
const { harness, importCsv } = bed;

test('while the mailing service is away everything is accepted, and can be asked for', async () => {
  harness.mailing.play = () => null;
  const startedAt = performance.now();
  const answer = await importCsv(`${csvOf(6_000)}bad line\n`);
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
  // One wait for each of twelve chunks it would be otherwise.
  expect(performance.now() - startedAt).toBeLessThan(WAIT_MS * 9);
  const { id } = answer.body;
  expect(answer.headers.get('location')).toBe(`/api/v1/commands/${id}`);
  await eventually(() => harness.mailing.received.length === 12, {
    message: 'all twelve chunks are in the stream',
  });

  bed.progress = { chunksDone: 3, registered: 1_500 };
  expect((await harness.call('GET', `/commands/${id}`)).body).toMatchObject({
    id,
    status: 'accepted',
    result: { received: 6_001, registered: 1_500, rejected: 1 },
  });
  bed.progress = { chunksDone: 12, registered: 6_000 };
  expect((await harness.call('GET', `/commands/${id}`)).body).toMatchObject({
    status: 'done',
    result: {
      received: 6_001,
      registered: 6_000,
      rejected: 1,
      errors: [{ line: 6_002, message: expect.any(String) }],
    },
  });
});

test('a repeat meets a mailing service that hangs, and waits for it once, not for every chunk', async () => {
  const key = { 'Idempotency-Key': newId() };
  harness.mailing.play = () => null;
  expect(await importCsv(csvOf(6_000), key)).toMatchObject({ status: 202 });
  harness.mailing.hangs = true;
  const startedAt = performance.now();
  expect(await importCsv(csvOf(6_000), key)).toMatchObject({ status: 202 });
  expect(performance.now() - startedAt).toBeLessThan(WAIT_MS * 10);
});

test('a slow mailing service is waited for as long as results come', async () => {
  // Three rounds of eight chunks, each slower than a third of the patience: longer than the patience in all.
  harness.mailing.delayMs = WAIT_MS * 0.4;
  const answer = await importCsv(csvOf(500 * 20));
  expect(answer).toMatchObject({ status: 200, body: { registered: 10_000 } });
});

test('the results of the last chunks are waited for as long as they come', async () => {
  let turn = Promise.resolve();
  harness.mailing.play = (command) => {
    turn = turn.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS * 0.2));
      harness.mailing.announce(command, carryOutAll(command));
    });
    return null;
  };
  const answer = await importCsv(csvOf(500 * 8));
  expect(answer).toMatchObject({ status: 200, body: { registered: 4_000 } });
});

test.each([
  ['without a key', {}],
  ['under a new key', { 'Idempotency-Key': newId() }],
])('eight chunks are under way and never more, %s', async (_title, headers) => {
  const chunks = 30;
  const held: Array<Parameters<typeof carryOutAll>[0]> = [];
  let come = 0;
  let most = 0;
  const release = (): void => {
    for (const command of held.splice(0)) harness.mailing.announce(command, carryOutAll(command));
  };
  harness.mailing.play = (command) => {
    come += 1;
    most = Math.max(most, held.push(command));
    // Under a key nothing is sent beside the first. Later there is time for a ninth to come, if it would.
    if (come === 1 || held.length === 8 || come === chunks) setTimeout(release, 50);
    return null;
  };
  await importCsv(csvOf(500 * chunks), headers);
  expect(most).toBe(8);
});

test('a chunk with a phone of an earlier one waits for its result, and the others for none', async () => {
  const answered = new Set<number>();
  const answeredBefore = new Map<number, readonly number[]>();
  harness.mailing.play = (command) => {
    if (command.type !== 'ImportClients') return null;
    const { chunk } = command.data;
    answeredBefore.set(chunk, [...answered]);
    // The first chunk is answered when the two behind it are there, which share nothing with it.
    const mayAnswer = (): boolean => chunk !== 0 || answeredBefore.size >= 3;
    void eventually(mayAnswer, { timeoutMs: 5_000 }).then(() => {
      answered.add(chunk);
      harness.mailing.announce(command, carryOutAll(command));
    });
    return null;
  };
  const answer = await importCsv(`${csvOf(1_500)}${phoneOf(0)},Europe/Moscow\n`, {}, '?onDuplicate=update');
  expect(answer).toMatchObject({ status: 200, body: { received: 1_501 } });
  expect(answeredBefore.get(1)).not.toContain(0);
  expect(answeredBefore.get(2)).not.toContain(0);
  expect(answeredBefore.get(3)).toContain(0);
});

test('chunks whose results nobody waits for say what they are to be carried out after', async () => {
  harness.mailing.play = () => null;
  expect(await importCsv(csvOf(500 * 11))).toMatchObject({ status: 202 });
  await eventually(() => harness.mailing.received.length === 11);
  const after = harness.mailing.received.map((command) =>
    command.type === 'ImportClients' ? command.data.after?.toSorted((a, b) => a - b) : null,
  );
  const sideBySide = [0, 1, 2, 3, 4, 5, 6, 7];
  expect(after).toEqual([...sideBySide.map(() => undefined), sideBySide, [8], [9]]);
});
