import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const HAND_OVER = new URL('hand-over.mjs', import.meta.url).href;

/** Says "here", and then each signal it gets; ends with code 7 at the second one. */
const PROGRAM = `
  let left = 2;
  const take = (signal) => { console.log(signal); if (--left === 0) process.exit(7); };
  process.on('SIGINT', take).on('SIGTERM', take);
  setInterval(() => {}, 1000);
  console.log('here');
`;

function handOverTo(program: string, directory?: string) {
  const tools = `{ node: process.execPath, pnpm: process.execPath }`;
  const code = `
    import { handOver } from ${JSON.stringify(HAND_OVER)};
    process.exitCode = await handOver(${tools}, process.execPath, ['-e', ${JSON.stringify(program)}], ${JSON.stringify(directory)});
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exitCode = new Promise((resolve) => child.once('exit', resolve));
  return { child, exitCode, nextLine: async () => (await lines.next()).value };
}

test('the exit code of the program is ours', async () => {
  expect(await handOverTo('process.exit(5)').exitCode).toBe(5);
});

test('a program that dies of a signal is told as shells do', async () => {
  expect(await handOverTo('process.kill(process.pid, "SIGKILL")').exitCode).toBe(137);
});

test('it works in the checkout, or in the folder that is named', async () => {
  const program = 'console.log(process.cwd())';
  const checkout = join(import.meta.dirname, '..', '..');
  expect(await handOverTo(program).nextLine()).toBe(checkout);
  expect(await handOverTo(program, import.meta.dirname).nextLine()).toBe(import.meta.dirname);
});

test('signals reach the program, and we wait for it however often we are told to go', async () => {
  const { child, exitCode, nextLine } = handOverTo(PROGRAM);
  expect(await nextLine()).toBe('here');
  child.kill('SIGTERM');
  expect(await nextLine()).toBe('SIGTERM');
  child.kill('SIGINT');
  expect(await nextLine()).toBe('SIGINT');
  expect(await exitCode).toBe(7);
});
