import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FullStreams } from './full-streams.ts';

let streams: FullStreams;
let told: string[];
beforeEach(() => {
  vi.useFakeTimers();
  streams = new FullStreams();
  told = [];
  streams.onChange(({ stream, reason }, full) => told.push(`${stream}: ${full ? reason : 'room'}`));
});
afterEach(() => {
  vi.useRealTimers();
});

test('a stream that refuses again and again is told of once', () => {
  for (let times = 0; times < 100; times += 1) streams.refused('EVENTS', 'maximum bytes exceeded');
  expect(told).toEqual(['EVENTS: maximum bytes exceeded']);
  expect(streams.list()).toEqual([{ stream: 'EVENTS', reason: 'maximum bytes exceeded' }]);
});

test('it has room when something was stored and nothing refused for seven seconds', () => {
  streams.refused('EVENTS', 'full');
  vi.advanceTimersByTime(60_000);
  expect(streams.has('EVENTS')).toBe(true);
  streams.stored('EVENTS');
  vi.advanceTimersByTime(6_999);
  expect(streams.has('EVENTS')).toBe(true);
  vi.advanceTimersByTime(1);
  expect(streams.has('EVENTS')).toBe(false);
  expect(told).toEqual(['EVENTS: full', 'EVENTS: room']);
});

test('small messages that fit between large ones that do not are no room', () => {
  for (let times = 0; times < 100; times += 1) {
    streams.refused('EVENTS', 'full');
    streams.stored('EVENTS');
    vi.advanceTimersByTime(4_000);
  }
  expect(told).toEqual(['EVENTS: full']);
});

test('streams are told apart, and one that was never full is not told of', () => {
  streams.refused('EVENTS', 'full');
  streams.stored('COMMANDS');
  vi.advanceTimersByTime(60_000);
  expect(streams.list()).toEqual([{ stream: 'EVENTS', reason: 'full' }]);
  expect(vi.getTimerCount()).toBe(0);
});
