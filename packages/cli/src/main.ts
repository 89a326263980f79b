import { runHerald } from './run.ts';
import { RESTORE_TERMINAL, stopOnSignals } from './stop-signal.ts';

const { stdin, stdout, stderr, env, argv } = process;

const stop = new AbortController();
stopOnSignals(stop, (exitCode) => {
  if (stdin.isTTY) stdin.setRawMode(false);
  if (stderr.isTTY) stderr.write(RESTORE_TERMINAL);
  process.exit(exitCode);
});
// pnpm passes on the `--` of `pnpm herald -- clients list`, npm takes it for itself.
const args = argv[2] === '--' ? argv.slice(3) : argv.slice(2);
process.exitCode = await runHerald({ args, environment: env, stdin, stdout, stderr, stop });
// Whatever still waits (a body that nobody reads, a terminal that was read) keeps no finished command.
stdin.destroy();
