import { ConfigurationError, readConfig } from '@herald/service-kit';
import { expect, test } from 'vitest';
import { senderConfig } from './config.ts';

const read = (environment: NodeJS.ProcessEnv) =>
  readConfig(senderConfig, { PROVIDER_TOKEN: 'a-token', ...environment });

test('a call may not take longer than a batch is safe with who lost its lease', () => {
  // The last call begins 20 s after the lease was confirmed, at 30 s another sender may have the batch.
  expect(read({ PROVIDER_TIMEOUT_MS: '9000' }).PROVIDER_TIMEOUT_MS).toBe(9_000);
  expect(() => read({ PROVIDER_TIMEOUT_MS: '9001' })).toThrow(ConfigurationError);
});
