import { join } from 'node:path';
import { runLauncher } from './launcher.ts';

const exitCode = await runLauncher({
  checkoutDirectory: join(import.meta.dirname, '..', '..'),
  servicesDirectory: 'services',
  args: process.argv.slice(2),
});
process.exit(exitCode);
