import { join } from 'node:path';
import { runDemo } from '../demo/run-demo.ts';

process.exit(await runDemo(join(import.meta.dirname, '..', '..'), process.argv.slice(2)));
