import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AT, MAILING, runCli, someClient, withHerald } from '../../test/run-cli.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const MANY = 1_000;

const page = {
  items: Array.from({ length: MANY }, (_, index) => someClient({ tag: `${index}`.padEnd(100, 'x') })),
  nextCursor: 'more',
};

/** Reads the first piece of what it writes, and goes, as `head` does. */
async function readALittle(args: readonly string[], url: string): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--url', url], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise<number>((resolve) => child.once('close', (ended) => resolve(ended ?? -1)));
  return { code, stderr };
}

test('a reader that has enough ends a list quietly', async () => {
  const herald = await withHerald({ 'GET /clients': [{ body: page }] });
  const { code, stderr } = await readALittle(['clients', 'list', '--limit', '1000'], herald.url);
  expect(code).toBe(0);
  expect(stderr).not.toContain('herald:');
});

test('a reader that has enough ends an export quietly, and Herald stops sending', async () => {
  let isGone: (() => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    isGone = resolve;
  });
  const endless = {
    raw: (response: ServerResponse) => {
      response.writeHead(200, { 'Content-Type': 'text/csv' });
      response.on('close', () => isGone?.());
      const line = `${'x'.repeat(9_999)}\n`;
      const more = (): void => {
        while (!response.destroyed && response.write(line));
      };
      response.on('drain', more);
      more();
    },
  };
  const herald = await withHerald({ 'GET /clients/export': [endless] });
  expect(await readALittle(['clients', 'export'], herald.url)).toEqual({ code: 0, stderr: '' });
  await gone;
});

test('a reader that has gone ends what would go on for ever', async () => {
  let position = 0;
  const herald = await withHerald({
    [`GET /mailings/${MAILING}/events`]: () => {
      position += 1;
      return { body: { items: [{ position, at: AT, type: 'x'.repeat(100_000) }], nextCursor: null } };
    },
  });
  const args = ['log', 'tail', '--mailing', MAILING, '--follow'];
  expect(await readALittle(args, herald.url)).toEqual({ code: 0, stderr: '' });
});

test('a slow reader gets all of it', async () => {
  const herald = await withHerald({ 'GET /clients': [{ body: page }] });
  const run = await runCli(['clients', 'list', '--limit', '1000'], herald);
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(MANY + 1);
  expect(run.stderr).toBe('There are more: --cursor more\n');
});
