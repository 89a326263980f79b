import { expect, it } from 'vitest';
import { judge } from './judge.ts';
import type { Observation } from './observation.ts';
import { Story } from './testing/story.ts';

const rulesBroken = (observation: Observation): readonly string[] =>
  judge(observation, { queuedAtLeast: 1, drainedWithinMs: 60_000, megabytes: 200 }).findings.map(
    ({ rule }) => rule,
  );

it('finds nothing where all went well', () => {
  const observation = new Story(2).sent(1, 100).sent(2, 200).struck(50, 150).tell();
  expect(judge(observation, { queuedAtLeast: 1, drainedWithinMs: 60_000, megabytes: 200 })).toEqual({
    findings: [],
    figures: { planned: 2, requests: 2, accepted: 2, repeats: 0, lost: 0, unrecorded: 0, drainedAfterMs: 80 },
  });
});

it('notices that a message was repeated which had been recorded as sent', () => {
  const observation = new Story(1).sent(1, 100).sent(1, 5_000).tell();
  expect(rulesBroken(observation)).toEqual(['repeats only what was lost']);
});

it('allows the repeat of a call whose answer the log knows to be lost', () => {
  const story = new Story(1).requested(1, 100, { respondedAt: null }).recorded(1, 'lost', 100, 5_000);
  expect(rulesBroken(story.sent(1, 6_000).tell())).toEqual([]);
});

it('allows one repeat for one lost answer, and no second one', () => {
  const story = new Story(1).requested(1, 100, { respondedAt: null }).recorded(1, 'lost', 100, 5_000);
  expect(rulesBroken(story.sent(1, 6_000).sent(1, 9_000).tell())).toEqual(['repeats only what was lost']);
});

it('allows any number of calls that were refused', () => {
  const story = new Story(1);
  for (const at of [100, 600, 1_800]) story.requested(1, at, { accepted: false }).recorded(1, 'refused', at);
  expect(rulesBroken(story.sent(1, 4_000).tell())).toEqual([]);
});

it('allows the repeat of a call that was cut off when its sender was killed', () => {
  const story = new Story(1).requested(1, 100).interrupted({ kind: 'killed', what: 'sender-1', at: 110 });
  expect(rulesBroken(story.sent(1, 31_000).tell())).toEqual([]);
});

it('notices an unrecorded call that was answered long before its sender was killed', () => {
  const story = new Story(1).requested(1, 100).interrupted({ kind: 'killed', what: 'sender-1', at: 9_000 });
  expect(rulesBroken(story.sent(1, 31_000).tell())).toEqual([
    'repeats only what was lost',
    'the log knows every call',
  ]);
});

it('does not count the time in which nothing could be recorded', () => {
  const story = new Story(1).requested(1, 100).interrupted({ kind: 'killed', what: 'sender-1', at: 9_000 });
  const observation = { ...story.sent(1, 31_000).tell(), brokerAway: [{ from: 110, until: 8_500 }] };
  expect(rulesBroken(observation)).toEqual([]);
});

it('notices more calls lost with a sender than it can have under way or unrecorded', () => {
  const story = new Story(129).interrupted({ kind: 'killed', what: 'sender-1', at: 110 });
  for (let messageId = 1; messageId <= 129; messageId++)
    story.requested(messageId, 100).sent(messageId, 31_000);
  expect(rulesBroken(story.tell())).toEqual(['the log knows every call']);
});

it('knows a request that was held up on its way, also behind the one that came after it', () => {
  const story = new Story(1).recorded(1, 'lost', 100, 5_000).sent(1, 30_050);
  const observation = story.requested(1, 30_080, { respondedAt: null }).tell();
  expect(rulesBroken(observation)).toContain('repeats only what was lost');
  expect(rulesBroken({ ...observation, heldUp: [{ from: 50, until: 30_040 }] })).toEqual([]);
});

const FREEZE = { kind: 'frozen', what: 'sender-1', from: 110, until: 40_110 } as const;

it('allows the repeat of a call that was under way when its sender froze', () => {
  const story = new Story(1).requested(1, 100).sent(1, 31_000).interrupted(FREEZE);
  expect(rulesBroken(story.recorded(1, 'sent', 100, 40_020).tell())).toEqual([]);
});

it('notices that a sender went on after a freeze with what another had sent meanwhile', () => {
  const story = new Story(1).sent(1, 31_000).interrupted(FREEZE).sent(1, 40_200);
  expect(rulesBroken(story.tell())).toEqual(['repeats only what was lost']);
});

it('notices a call at the end and after it, and none before', () => {
  const story = new Story(2).sent(1, 990).sent(2, 995);
  story.endAt = 1_000;
  expect(rulesBroken(story.tell())).toEqual(['nothing after the end']);
});

it('notices a message that never ended', () => {
  const story = new Story(2).sent(1, 100);
  expect(rulesBroken(story.tell())).toEqual(['everybody ends exactly once']);
});

it('notices a message that the statistics list twice, or as something else than the log', () => {
  const messages = [
    { id: 1, status: 'sent' },
    { id: 1, status: 'sent' },
    { id: 2, status: 'failed' },
  ] as const;
  const observation = new Story(2).sent(1, 100).sent(2, 200).tell({ messages });
  expect(new Set(rulesBroken(observation))).toEqual(new Set(['everybody ends exactly once']));
});

it('notices sums that do not agree', () => {
  const observation = new Story(1).sent(1, 100).tell({ audience: 2 });
  expect(rulesBroken(observation)).toEqual(['the sums agree']);
});

it('notices that somebody counts as sent whom the provider never accepted', () => {
  const observation = new Story(1).recorded(1, 'sent', 100).tell();
  expect(rulesBroken(observation)).toEqual(['the provider counts the same']);
});

it('notices that somebody counts as expired who was accepted, and heard of', () => {
  const story = new Story(1).requested(1, 100).recorded(1, 'refused', 100).recorded(1, 'expired', 2_000);
  expect(rulesBroken(story.tell())).toEqual(['the provider counts the same']);
});

it('notices another key, another phone, and one phone for two', () => {
  const otherKey = new Story(1).requested(1, 100, { idempotencyKey: '2' }).recorded(1, 'sent', 100);
  expect(rulesBroken(otherKey.tell())).toEqual(['always under the same id']);
  const shared = new Story(2).sent(1, 100).requested(2, 200, { phone: 79_000_000_001 });
  expect(rulesBroken(shared.recorded(2, 'sent', 200).tell())).toEqual(['always under the same id']);
});

it('notices what nobody planned', () => {
  const story = new Story(1).sent(1, 100).requested(7, 200);
  expect(rulesBroken(story.tell())).toEqual(['nothing but what was planned']);
});

it('notices that a fault struck when all was done, and what was drained late', () => {
  expect(rulesBroken(new Story(1).sent(1, 100).struck(5_000, 6_000).tell())).toEqual([
    'faults strike under load',
  ]);
  expect(rulesBroken(new Story(1).sent(1, 90_000).struck(5_000, 6_000).tell())).toEqual(['drained soon']);
});

it('notices a process that needs too much memory', () => {
  const memory = [
    { part: 'sender-1', megabytes: 201 },
    { part: 'stats-1', megabytes: 199 },
  ];
  expect(rulesBroken({ ...new Story(1).sent(1, 100).tell(), memory })).toEqual(['memory']);
});
