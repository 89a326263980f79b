import { Agent } from 'undici';

/**
 * For requests to this system's own parts: never through a proxy. With NODE_USE_ENV_PROXY Node sends `fetch`, and all
 * that has no dispatcher of its own, to HTTP_PROXY, also what is meant for this machine.
 */
export const DIRECTLY = new Agent();
