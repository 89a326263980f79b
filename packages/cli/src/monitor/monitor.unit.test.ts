import { join } from 'node:path';
import { eventually, startInTerminal, withoutControls } from '@herald/testkit';
import { expect, test } from 'vitest';
import { problem } from '../../test/fake-herald.ts';
import { AT, MAILING, runCli, withHerald } from '../../test/run-cli.ts';

const report = (changes: object = {}) => ({
  asOf: AT,
  services: {
    sender: [
      {
        ...{ service: 'sender', instance: 'sender-1', startedAt: '2026-11-23T09:58:00.000Z' },
        ...{ ready: false, problems: { broker: 'not\nconnected' }, details: { any: 'thing' } },
      },
    ],
  },
  provider: {
    ...{ breaker: 'open', pausedUntil: AT, tokenRejected: true },
    senders: [
      {
        ...{ instance: 'sender-1', slots: { used: 3, total: 64 }, breaker: 'open' },
        ...{ pausedUntil: AT, tokenRejected: true },
      },
    ],
  },
  openMailings: [{ id: MAILING, status: 'running', batches: 10, batchesDone: 5, batchesLeft: 5 }],
  commandBacklog: 7,
  lanes: [{ lane: 0, sequence: 1_234, behind: 5, instance: 'stats-1' }],
  ...changes,
});
const MONITOR = 'GET /monitor';
const MAIN = join(import.meta.dirname, '..', 'main.ts');

test('elsewhere than in a terminal it looks once, and says all of it', async () => {
  const herald = await withHerald({ [MONITOR]: [{ body: report() }] });
  const run = await runCli(['monitor'], herald);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  for (const line of [
    /^Herald {2}2026-11-23 10:00:00Z \| provider open \| paused until \S+ \S+ \| its token is rejected \| 7 commands wait$/m,
    /^sender +sender-1 +not ready +2 min 0 s +broker: not connected$/m,
    /^sender-1 +open +3\/64 +\S+ \S+ +rejected$/m,
    new RegExp(`^${MAILING} +running +5/10 +█{10}░{10}$`, 'm'),
    /^ +0 +1 234 +5 +stats-1$/m,
  ]) {
    expect(run.stdout).toMatch(line);
  }
  expect((await runCli(['monitor', '--json'], herald)).documents()).toEqual([report()]);
});

test('a system without a sender is told as such', async () => {
  const provider = { breaker: null, pausedUntil: null, tokenRejected: false, senders: [] };
  const herald = await withHerald({
    [MONITOR]: [{ body: report({ provider, commandBacklog: null, openMailings: [], lanes: [] }) }],
  });
  const { stdout } = await runCli(['monitor'], herald);
  expect(stdout).toContain('| no sender | commands that wait: unknown');
  expect(stdout).toContain('nothing is sent');
});

/** The lines that were drawn last, and what comes behind them. */
const pageOf = (written: string): readonly string[] =>
  written.slice(written.lastIndexOf('\u001b[H')).split('\n');
const SECOND_PAGE = '\u001b[?1049h';
const RESTORED = '\u001b[?7h\u001b[?25h\u001b[?1049l';

test('in a terminal it is a live screen, over a Herald that is away, until q', async () => {
  const herald = await withHerald({
    [MONITOR]: [
      { body: report() },
      problem(503, 'broker-unavailable', 'The broker is not reachable'),
      { body: report({ commandBacklog: 99 }) },
    ],
  });
  const terminal = await startInTerminal(process.execPath, [MAIN, 'monitor', '--every', '1'], {
    environment: { PATH: process.env.PATH, HERALD_URL: herald.url },
  });
  await terminal.until(/7 commands wait/);
  expect(terminal.output().startsWith(SECOND_PAGE)).toBe(true);
  await terminal.until(/The broker is not reachable/);
  await terminal.until(/99 commands wait/);
  terminal.type('q');
  expect(await terminal.exited).toBe(0);
  await terminal.until(/1049l/);
  expect(terminal.output().endsWith(RESTORED)).toBe(true);
});

test('Ctrl-C gives the terminal back, too', async () => {
  const herald = await withHerald({ [MONITOR]: [{ body: report() }] });
  const terminal = await startInTerminal(process.execPath, [MAIN, 'monitor'], {
    environment: { PATH: process.env.PATH, HERALD_URL: herald.url },
  });
  await terminal.until(/7 commands wait/);
  terminal.resize(60, 8);
  await eventually(() => pageOf(terminal.output()).length < 9, { message: 'it is drawn into what there is' });
  expect(pageOf(terminal.output()).at(-2)).toContain('q ends it');
  terminal.type('\u0003');
  expect(await terminal.exited).toBe(130);
  await terminal.until(/Stopped/);
  const left = terminal.output().slice(terminal.output().indexOf(RESTORED) + RESTORED.length);
  expect(withoutControls(left)).toBe('herald: Stopped (SIGINT).\n');
});

test('it ends at once, also while it waits for an answer', async () => {
  let isAsked = false;
  const never = {
    raw: () => {
      isAsked = true;
    },
  };
  const herald = await withHerald({ [MONITOR]: [{ body: report() }, never] });
  const terminal = await startInTerminal(process.execPath, [MAIN, 'monitor', '--every', '1'], {
    environment: { PATH: process.env.PATH, HERALD_URL: herald.url },
  });
  await eventually(() => isAsked, { message: 'it waits for an answer' });
  const begin = performance.now();
  terminal.type('q');
  expect(await terminal.exited).toBe(0);
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test('where nobody is at the address no page is opened', async () => {
  const terminal = await startInTerminal(process.execPath, [MAIN, 'monitor'], {
    environment: { PATH: process.env.PATH, HERALD_URL: 'http://127.0.0.1:1' },
  });
  expect(await terminal.exited).toBe(3);
  await terminal.until(/nobody listens there/);
  expect(terminal.output()).not.toContain(SECOND_PAGE);
});
