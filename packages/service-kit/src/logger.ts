import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** `79161234567` → `7******4567`: enough to recognise for who knows it, too little to call. */
export const maskPhone = (phone: string): string => phone.replace(/^(\d)\d+(\d{4})$/, '$1******$2');

const PHONE_PATHS = ['phone', '*.phone', '*.*.phone'];

/**
 * JSON lines on standard output. Fields that follow one thing through all services: `correlationId`, `mailingId`,
 * `messageId`, `clientId`, `commandId`. Phones are masked wherever a field of that name stands.
 */
export function createLogger(service: string, instance: string, level: string): Logger {
  return pino({
    level,
    base: { service, instance },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: PHONE_PATHS,
      censor: (value) => (typeof value === 'string' ? maskPhone(value) : '***'),
    },
  });
}
