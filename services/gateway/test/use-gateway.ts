import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, beforeAll } from 'vitest';
import type { GatewayConfig } from '../src/config.ts';
import type { GatewayLimits } from '../src/http/limits.ts';
import { type Harness, startHarness } from './harness.ts';

export interface GatewayBed extends Omit<Harness, 'stop'> {
  readonly nats: TestNats;
}

/** A broker and a gateway for the tests of the file that calls it: there before the first of them. */
export function useGateway(
  config: Partial<GatewayConfig> = {},
  limits: Partial<GatewayLimits> = {},
): GatewayBed {
  let nats: TestNats;
  let harness: Harness;
  beforeAll(async () => {
    nats = await startTestNats();
    harness = await startHarness(nats.url, config, limits);
  });
  afterAll(async () => {
    await harness.stop();
    await nats.stop();
  });
  return {
    get nats() {
      return nats;
    },
    get url() {
      return harness.url;
    },
    get port() {
      return harness.port;
    },
    get gateway() {
      return harness.gateway;
    },
    get others() {
      return harness.others;
    },
    get mailing() {
      return harness.mailing;
    },
    call: (...request) => harness.call(...request),
  };
}
