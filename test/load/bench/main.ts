/**
 * Measures whole systems of real processes beside references of the same run: docs/benchmark.md.
 *
 * npm run bench -- [scenario...] [--quick] [--json FILE]
 */
import { openScreen } from '../../../infra/demo/screen.ts';
import { createStatusLine } from './report/status-line.ts';
import { runBench } from './run-bench.ts';

const write = (text: string): void => void process.stdout.write(text);
const status = createStatusLine(openScreen(process.stdout), write, () => performance.now());
process.exit(await runBench(process.argv.slice(2), status));
