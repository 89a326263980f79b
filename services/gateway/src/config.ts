import { gatewayAddress, refuseExposedHost } from '@herald/service-kit';
import { z } from 'zod';

/**
 * The environment variables of the gateway, beside the common ones (NATS_URL, STREAM_REPLICAS, LOG_LEVEL, INSTANCE):
 *
 * - `PORT` (8000): where HTTP is served; 0 takes any free port.
 * - `HOST` (127.0.0.1): the address to listen on. Any other than loopback's wants `AUTH=open`.
 * - `AUTH`: `open` says that whoever reaches the gateway may do everything. There is no other way yet.
 * - `COMMAND_WAIT_MS` (5000, 1–20000): how long a write waits for its result before it is answered with 202, and an
 *   import under a new key for somebody to say whose the key is before it is 503. A stop waits 5 s for what is in flight,
 *   so more than that may be cut off.
 * - `QUERY_WAIT_MS` (5000, 1–20000): how long a read waits for the answer of another service before it is 503.
 * - `BODY_LIMIT_BYTES` (262144, 1024–524288): the largest JSON body. A command must fit a NATS message of 1 MiB.
 *   Imports have no limit.
 */
export const gatewayConfig = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
    ...gatewayAddress,
    COMMAND_WAIT_MS: z.coerce.number().int().min(1).max(20_000).default(5_000),
    QUERY_WAIT_MS: z.coerce.number().int().min(1).max(20_000).default(5_000),
    BODY_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(524_288).default(262_144),
  })
  .superRefine(refuseExposedHost);
export type GatewayConfig = z.infer<typeof gatewayConfig>;
