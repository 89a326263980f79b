import { redactUrl } from '@herald/service-kit';
import type { SystemDescription } from './description.ts';

/** What a person wants to know once the system is ready. */
export function renderWelcome(system: SystemDescription): string {
  const gateways = system.gateway.map((url) => url.replace('127.0.0.1', 'localhost'));
  const first = gateways[0];
  const addresses: [string, string][] = [
    ...gateways.map((url): [string, string] => ['REST API', `${url}/api/v1`]),
    ...(first === undefined
      ? []
      : ([
          ['Docs', `${first}/docs/`],
          ['Monitor', `${first}/api/v1/monitor`],
        ] as [string, string][])),
    ['Provider', redactUrl(system.provider)],
    ['Data', system.dataDirectory],
    ['All addresses', `${system.dataDirectory}/system.json`],
  ];
  const processes = system.processes.map(({ name, pid, port }): [string, string] => [
    name,
    `process ${pid}, port ${port}`,
  ]);
  return [
    '',
    'Herald is ready.',
    '',
    ...align(addresses),
    '',
    ...align(processes),
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function align(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
