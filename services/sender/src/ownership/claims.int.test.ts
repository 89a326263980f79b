import { CLAIMS_STREAM, claimSubjects, newId } from '@herald/contracts';
import { loadLastMessage, openClaims, RecordsUnavailableError } from '@herald/event-log';
import { createRuntime, type Runtime } from '@herald/service-kit';
import { eventually, startProxy, startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steadyClock } from '../steady-clock.ts';
import { ClaimLostError, Claims, isDeserted } from './claims.ts';

let nats: TestNats;
let runtime: Runtime;

beforeAll(async () => {
  nats = await startTestNats();
  runtime = await createRuntime({ service: 'sender', natsUrl: nats.url, logLevel: 'fatal' });
});

afterAll(async () => {
  await runtime?.stop();
  await nats?.stop();
});

/** Long after whatever has just been stored; the servers' clock may be a fraction of a millisecond ahead of ours. */
const LATER_MS = 60_000;

/** @param aheadMs how far its clock is ahead */
const claimsOf = (owner: string, heldForMs = 30_000, aheadMs = 0, at = runtime): Claims => {
  const { broker, writer, log } = at;
  return new Claims({
    broker,
    writer,
    log,
    store: openClaims(broker, { replicas: 1 }),
    clock: steadyClock,
    owner,
    heldForMs,
    now: () => Date.now() + aheadMs,
    isClockRight: () => true,
  });
};

test('of many that want a batch at once one gets it', async () => {
  const mailingId = newId();
  const owners = Array.from({ length: 20 }, (_, index) => claimsOf(`owner-${index}`));
  const taken = await Promise.all(owners.map((claims) => claims.take(mailingId, 0)));
  expect(taken.filter((claim) => claim !== null).length).toBe(1);
});

test('a batch is free again after a release, after its time, and for its own holder at any time', async () => {
  const mailingId = newId();
  const held = await claimsOf('a').take(mailingId, 1);
  expect(await claimsOf('b').take(mailingId, 1)).toBeNull();
  expect(await claimsOf('a').take(mailingId, 1)).not.toBeNull();
  expect(await claimsOf('b', 0, LATER_MS).take(mailingId, 1)).not.toBeNull();
  held?.release();
  expect(await claimsOf('c').take(mailingId, 1), 'a release by who lost it').toBeNull();

  const other = await claimsOf('a').take(mailingId, 2);
  other?.release();
  // Nobody waits for a release: until it has arrived others see the claim as it was.
  await eventually(async () => (await claimsOf('b').take(mailingId, 2)) !== null);
});

test('a release goes by a renewal of its own that landed and whose acknowledgement was lost', async () => {
  const mailingId = newId();
  const claim = await claimsOf('a').take(mailingId, 8);
  const own = JSON.stringify({ owner: 'a', held: true, take: 1 });
  await runtime.writer.publish(claimSubjects.batch(mailingId, 8), own);
  claim?.release();
  await eventually(async () => (await claimsOf('b').take(mailingId, 8)) !== null);
});

test('a release leaves a later claim of the same sender alone', async () => {
  const mailingId = newId();
  const claims = claimsOf('a');
  const claim = await claims.take(mailingId, 9);
  expect(await claims.take(mailingId, 9)).not.toBeNull();
  claim?.release();
  await claims.settled();
  expect(await claimsOf('b').take(mailingId, 9)).toBeNull();
});

test('what is being taken or released at a stop can be waited for', async () => {
  const mailingId = newId();
  const claims = claimsOf('a');
  void claims.follow(claims.take(mailingId, 10).then((claim) => claim?.release()));
  await claims.settled();
  expect(await claimsOf('b').take(mailingId, 10)).not.toBeNull();
});

test('knows of a claim whether it is the first one of its batch', async () => {
  const mailingId = newId();
  const first = await claimsOf('a').take(mailingId, 7);
  first?.release();
  await eventually(async () => (await claimsOf('b').take(mailingId, 7)) !== null);
  const again = await claimsOf('b').take(mailingId, 7);
  expect([first?.isFirst, again?.isFirst]).toEqual([true, false]);
});

test('who lost a batch is told so at the next renewal, and who only lost an answer is not', async () => {
  const mailingId = newId();
  const claim = await claimsOf('a').take(mailingId, 3);
  await claim?.renew(1_000);
  // A renewal that landed and whose acknowledgement never came.
  const own = JSON.stringify({ owner: 'a', held: true, take: 1 });
  await runtime.writer.publish(claimSubjects.batch(mailingId, 3), own);
  await claim?.renew(1_000);
  await claimsOf('b', 0, LATER_MS).take(mailingId, 3);
  await expect(claim?.renew(1_000)).rejects.toThrow(ClaimLostError);
});

test('when the claims are gone whoever claims first has the batch: the holder, or somebody else', async () => {
  const mailingId = newId();
  const held = await claimsOf('a').take(mailingId, 4);
  const overtaken = await claimsOf('a').take(mailingId, 5);
  await runtime.broker.manager.streams.delete(CLAIMS_STREAM);
  await held?.renew(1_000);
  expect(await claimsOf('b').take(mailingId, 4)).toBeNull();
  await held?.renew(1_000);
  expect(await claimsOf('b').take(mailingId, 5)).not.toBeNull();
  await expect(overtaken?.renew(1_000)).rejects.toThrow(ClaimLostError);
});

test('a claim whose answer was lost is let go as soon as the broker answers again', async () => {
  const proxy = await startProxy(nats.url);
  const cut = await createRuntime({ service: 'sender', natsUrl: proxy.url, logLevel: 'fatal' });
  try {
    const mailingId = newId();
    const subject = claimSubjects.batch(mailingId, 6);
    proxy.deafen();
    const taking = claimsOf('a', 30_000, 0, cut).take(mailingId, 6);
    const lost = expect(taking).rejects.toThrow(RecordsUnavailableError);
    await eventually(async () => (await loadLastMessage(runtime.broker, CLAIMS_STREAM, subject)) !== null);
    expect(await claimsOf('b').take(mailingId, 6)).toBeNull();
    proxy.cut();
    await lost;
    await eventually(async () => (await claimsOf('b').take(mailingId, 6)) !== null);
  } finally {
    await cut.stop();
    await proxy.stop();
  }
});

test('whoever is just back lets those who come back with it record what they have', () => {
  expect(isDeserted(29_999, 60_000, 30_000)).toBe(false);
  expect(isDeserted(30_000, 60_000, 30_000)).toBe(true);
  expect(isDeserted(90_000, 4_999, 30_000)).toBe(false);
  expect(isDeserted(90_000, 5_000, 30_000)).toBe(true);
});
