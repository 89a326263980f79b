import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

/** JSON lines to stdout, written at once: what was logged before a crash has been logged. */
export function createLogger(level: string, instance: string): Logger {
  return pino(
    {
      level,
      base: { service: 'provider-simulator', instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ fd: 1, sync: true }),
  );
}
