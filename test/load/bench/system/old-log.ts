import { join } from 'node:path';
import { BATCH_SIZE } from '@herald/contracts';
import { z } from 'zod';
import type { RestApi } from '../../../../infra/demo/rest-api.ts';
import type { Bench } from '../bench.ts';
import { ownUsage } from '../processes/own-usage.ts';
import { runScript } from '../processes/run-script.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

const SCRIPT = join(import.meta.dirname, '..', 'processes', 'write-old-log.ts');
const written = z.object({ events: z.int(), lastSequence: z.int(), tookMs: z.number(), usage: ownUsage });
const monitor = z.object({ lanes: z.array(z.object({ sequence: z.int() })) });

/** Its outcomes, that it was queued, and that it was completed. */
const EVENTS_OF_BATCH = BATCH_SIZE + 2;

/** The batches that make at least so many events. */
export const batchesOfEvents = (events: number): number => Math.ceil(events / EVENTS_OF_BATCH);

/** The batches that make at least so many messages. */
export const batchesOfMessages = (messages: number): number => Math.ceil(messages / BATCH_SIZE);

/**
 * Writes batches of mailings that have ended into the log of a system that runs, each outcome an event of its own, and
 * waits until the statistics have folded all of it. Tells how long both took.
 * @returns how many events it wrote
 */
export async function writeOldLog(bench: Bench, system: System, batches: number): Promise<number> {
  const { natsUrl } = await system.describe();
  bench.say(`Writing ${batches} batches of ${BATCH_SIZE} messages into the log…`);
  const begin = performance.now();
  const { events, lastSequence, tookMs, usage } = await runScript(
    SCRIPT,
    { natsUrl, batches },
    written,
    bench.signal,
  );
  await untilFolded(bench, await system.api(bench.signal), lastSequence);
  const foldedMs = performance.now() - begin;
  bench.say(
    `Wrote ${events} events in ${seconds(tookMs)} s (${seconds(perMillion(tookMs, events))} s a million, ${Math.round(usage.peakMiB)} MiB); ` +
      `folded ${seconds(foldedMs)} s after the first (${seconds(perMillion(foldedMs, events))} s a million)`,
  );
  return events;
}

/** Waits until the statistics have come so far. */
async function untilFolded(bench: Bench, api: RestApi, sequence: number): Promise<void> {
  const look = async () => {
    const { lanes } = await api.get('/monitor', monitor);
    const reached = lanes.length === 0 ? 0 : Math.min(...lanes.map((lane) => lane.sequence));
    bench.progress('events folded', reached, sequence);
    return { done: reached >= sequence ? true : undefined, state: reached };
  };
  await until('the statistics had folded the log', look, bench.signal);
}

const perMillion = (milliseconds: number, events: number): number => (milliseconds * 1_000_000) / events;
const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(1);
