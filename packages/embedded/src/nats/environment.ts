import { availableParallelism } from 'node:os';

/**
 * The environment of a nats-server that shares its machine with everything else. Left alone it keeps as many threads awake
 * as there are processors, and looks for work on each of them with every message: with half of them a message costs it
 * a third less (docs/adr/0041). Whoever has set GOMAXPROCS is heeded.
 */
export function natsEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  processors: number = availableParallelism(),
): NodeJS.ProcessEnv {
  return { GOMAXPROCS: String(Math.max(1, Math.floor(processors / 2))), ...environment };
}
