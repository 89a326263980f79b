import { join } from 'node:path';
import { runLauncher } from '../launcher.ts';

/** The launcher as `npm start` runs it, but for the services. */
const exitCode = await runLauncher({
  checkoutDirectory: join(import.meta.dirname, '..', '..', '..'),
  servicesDirectory: 'infra/local/testing/services',
  args: process.argv.slice(2),
});
process.exit(exitCode);
