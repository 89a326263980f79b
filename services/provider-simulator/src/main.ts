import { startSimulator } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { createLogger } from './logger.ts';

/** As of all services: their launcher does not try again. */
const MISFIT_EXIT_CODE = 2;

function configOrExit(): Config {
  try {
    return readConfig(process.env, process.pid);
  } catch (error) {
    createLogger('info', String(process.pid)).fatal(error instanceof Error ? error.message : String(error));
    process.exit(MISFIT_EXIT_CODE);
  }
}

const config = configOrExit();
const logger = createLogger(config.logLevel, config.instance);
const fail = (error: unknown): void => {
  logger.fatal({ err: error }, 'provider simulator failed');
  process.exit(1);
};
process.on('uncaughtException', fail);

try {
  const simulator = await startSimulator(config, logger);
  const stop = (reason: string): void => {
    logger.info({ reason }, 'provider simulator is stopping');
    simulator.stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Its launcher died: nobody would ever stop it.
  if (process.send !== undefined) process.on('disconnect', () => stop('disconnect'));
} catch (error) {
  fail(error);
}
