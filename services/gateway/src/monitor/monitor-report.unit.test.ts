import type { InstanceReport } from '@herald/contracts';
import { expect, test } from 'vitest';
import { buildMonitorReport, monitorReport } from './monitor-report.ts';

const AT = new Date('2026-01-31T09:00:00.000Z');
const report = (service: string, instance: string, details: Record<string, unknown>): InstanceReport => ({
  service,
  instance,
  startedAt: AT.toISOString(),
  ready: true,
  problems: {},
  details,
});

test('puts together what the instances say', () => {
  const built = buildMonitorReport(
    [
      report('sender', 'sender-1', {
        provider: { breaker: 'closed', pausedUntil: null, tokenRejected: false },
        slots: { used: 3, total: 64 },
      }),
      report('sender', 'sender-2', {
        provider: { breaker: 'open', pausedUntil: '2026-01-31T09:01:00.000Z', tokenRejected: true },
      }),
      report('mailing', 'mailing-1', {
        commandBacklog: 3,
        openMailings: [{ id: 'm', status: 'running', batches: 10, batchesDone: 4 }],
      }),
      report('mailing', 'mailing-2', {
        commandBacklog: 2,
        openMailings: [{ id: 'm', status: 'running', batches: 10, batchesDone: 6 }],
      }),
      report('stats', 'stats-1', { lanes: [{ lane: 0, sequence: 7, behind: 2 }] }),
    ],
    AT,
  );
  expect(Object.keys(built.services)).toEqual(['sender', 'mailing', 'stats']);
  expect(built).toMatchObject({
    asOf: AT.toISOString(),
    provider: { breaker: 'open', pausedUntil: '2026-01-31T09:01:00.000Z', tokenRejected: true },
    openMailings: [{ id: 'm', status: 'running', batches: 10, batchesDone: 6, batchesLeft: 4 }],
    commandBacklog: 3,
    lanes: [{ lane: 0, sequence: 7, behind: 2, instance: 'stats-1' }],
  });
  expect(built.provider.senders).toMatchObject([
    { instance: 'sender-1', slots: { used: 3, total: 64 } },
    // Of a release that does not say.
    { instance: 'sender-2', slots: null },
  ]);
  expect(monitorReport.safeParse(built).success).toBe(true);
});

test('keeps its shape when nobody is there, and when details are nonsense', () => {
  const empty = {
    provider: { breaker: null, pausedUntil: null, tokenRejected: false, senders: [] },
    openMailings: [],
    commandBacklog: null,
    lanes: [],
  };
  expect(buildMonitorReport([], AT)).toMatchObject({ ...empty, services: {} });
  const nonsense = [
    report('sender', 's', { provider: 7 }),
    report('stats', 't', {}),
    report('mailing', 'm', { commandBacklog: 'x' }),
  ];
  expect(buildMonitorReport(nonsense, AT)).toMatchObject(empty);
});
