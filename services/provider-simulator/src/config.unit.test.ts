import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('the configuration', () => {
  it('has a default for everything, also where a variable is empty', () => {
    expect(readConfig({ PORT: '' }, 17)).toEqual({
      host: '127.0.0.1',
      port: 0,
      controlPort: 0,
      token: 'local-token',
      controlPath: '',
      journalFile: null,
      journalLimit: 2_000_000,
      logLevel: 'info',
      instance: '17',
    });
  });

  it('cuts off a line end, as a token from a file has it', () => {
    expect(readConfig({ PROVIDER_TOKEN: 'token\n' }, 17).token).toBe('token');
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['CONTROL_PORT', '-1'],
    ['PROVIDER_JOURNAL_LIMIT', '0'],
    ['LOG_LEVEL', 'loud'],
    ['PROVIDER_TOKEN', 'a\nb'],
    ['PROVIDER_CONTROL_SECRET', 'a/b'],
  ])('refuses %s=%s by its name', (name, value) => {
    expect(() => readConfig({ [name]: value }, 17)).toThrow(`the configuration is wrong: ${name}: `);
  });
});
