import { type HeraldEvent, type Mailing, type MailingEventType, makeEvent, newId } from '@herald/contracts';
import { someMailing } from '@herald/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { steadyClock } from '../steady-clock.ts';
import { endOf } from './open-mailing.ts';
import { OpenMailings } from './open-mailings.ts';

const START = Date.UTC(2026, 0, 1);
const END = START + 60_000;
const id = newId();

const mailing = someMailing({
  id,
  startAt: new Date(START).toISOString(),
  endAt: new Date(END).toISOString(),
  status: 'running',
  startedAt: new Date(START).toISOString(),
});

function event(type: MailingEventType, change: Partial<Mailing> = {}): HeraldEvent {
  const data = { mailing: { ...mailing, ...change }, recentCommands: [] };
  return makeEvent(
    { type, data } as Parameters<typeof makeEvent>[0],
    { source: 't', correlationId: 'c' },
    new Date(),
  );
}

let changes: string[];
let mailings: OpenMailings;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  changes = [];
  mailings = new OpenMailings({
    now: () => Date.now(),
    clock: steadyClock,
    guardMs: 100,
    endOf,
    onChange: (changed) => changes.push(changed),
  });
});

afterEach(() => {
  mailings.close();
  vi.useRealTimers();
});

const standing = () => mailings.standing(id, Date.now());

test('a mailing is open from its start until it is settled', () => {
  mailings.apply(event('MailingCreated', { status: 'scheduled' }), 1);
  expect(mailings.size).toBe(0);
  mailings.apply(event('MailingStarted'), 2);
  expect([mailings.get(id)?.startedSequence, standing()]).toEqual([2, 'send']);
  mailings.apply(event('MailingExpired', { status: 'expired' }), 3);
  expect([mailings.get(id)?.startedSequence, standing()]).toEqual([2, 'expire']);
  mailings.apply(event('MailingSettled', { status: 'expired' }), 4);
  expect([mailings.size, standing()]).toEqual([0, undefined]);
  expect(changes).toEqual([id, id, id]);
});

test('its state tells what may be done', () => {
  mailings.apply(event('MailingStarted'), 2);
  mailings.apply(event('MailingPaused', { status: 'paused' }), 3);
  expect(standing()).toBe('wait');
  mailings.apply(event('MailingResumed'), 4);
  expect(standing()).toBe('send');
  mailings.apply(event('MailingDeleted', { status: 'deleted' }), 5);
  expect(standing()).toBe('cancel');
});

test('an event from before the known state changes nothing', () => {
  mailings.add({ ...mailing, status: 'paused' }, 9, 2);
  mailings.apply(event('MailingStarted'), 2);
  mailings.apply(event('MailingResumed'), 8);
  expect(standing()).toBe('wait');
});

test('wakes its users at the guard and at the end, and nothing may be begun from the guard on', () => {
  mailings.apply(event('MailingStarted'), 2);
  vi.advanceTimersByTime(59_899);
  expect([standing(), changes.length]).toEqual(['send', 1]);
  vi.advanceTimersByTime(1);
  expect([standing(), changes.length]).toEqual(['wait', 2]);
  vi.advanceTimersByTime(100);
  expect([standing(), changes.length]).toEqual(['wait', 3]);
});

test('an end that moves moves the wake-up', () => {
  mailings.apply(event('MailingStarted'), 2);
  mailings.apply(event('MailingChanged', { endAt: new Date(START + 5_000).toISOString() }), 3);
  vi.advanceTimersByTime(4_900);
  expect([standing(), changes.length]).toEqual(['wait', 3]);
  vi.advanceTimersByTime(60_000);
  expect(changes.length).toBe(4);
});

test('an end in a far month is waited for without firing at once', () => {
  mailings.apply(event('MailingStarted', { endAt: new Date(START + 90 * 86_400_000).toISOString() }), 2);
  vi.advanceTimersByTime(1_000);
  expect([standing(), changes.length]).toEqual(['send', 1]);
});
