import { createServer } from 'node:http';

/**
 * Stands in for a service so that the launcher can be tried without any: answers health on the ports it is
 * given, logs JSON lines, and behaves as all services do at signals and at the launcher's end.
 *
 * FAKE_STUBBORN names an instance which ignores being asked to stop, FAKE_BROKEN one which dies at once, and
 * FAKE_MISFIT one whose environment does not fit.
 */
export function runFakeService(): void {
  const { INSTANCE: instance = '', FAKE_STUBBORN, FAKE_BROKEN, FAKE_MISFIT } = process.env;
  const log = (msg: string, fields: object = {}) => {
    process.stdout.write(`${JSON.stringify({ level: 'info', instance, ...fields, msg })}\n`);
  };
  if (FAKE_BROKEN === instance) {
    process.stderr.write('broken on purpose\n');
    process.exit(3);
  }
  if (FAKE_MISFIT === instance) {
    process.stderr.write('PATIENCE: must be a number\n');
    process.exit(2);
  }
  const ports = [process.env.PORT, process.env.OPS_PORT, process.env.CONTROL_PORT].filter(
    (port) => port !== undefined,
  );
  for (const port of ports) {
    createServer((request, response) => response.end(request.url)).listen(Number(port), '127.0.0.1');
  }
  const stop = (reason: string) => {
    log('stopping', { reason });
    if (FAKE_STUBBORN !== instance) setTimeout(() => process.exit(0), 50);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', () => process.exit(0));
  const seen = /^(NATS_|DATABASE_|PROVIDER_|LOG_LEVEL$|PG)/;
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => seen.test(name)));
  log('started', { environment });
}
