import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgramInTerminal, startInTerminal, withoutControls } from '@herald/testkit';
import { expect, test } from 'vitest';
import { type FakeAnswer, type FakeHerald, problem, type Script } from '../../test/fake-herald.ts';
import { withFolder, withHerald } from '../../test/run-cli.ts';

/** What Herald carries an import out under whose key is `mine`. */
const IMPORT = 'c42a50e8-c67d-8429-8948-914f31beec80';
const MAIN = join(import.meta.dirname, '..', 'main.ts');
const LINES = 100;
const result = { received: LINES, registered: LINES, updated: 0, rejected: 0, errors: [] };

type Importing = { readonly terminal: ProgramInTerminal; readonly herald: FakeHerald; end(): void };

/** An import in a terminal that lasts until it is ended. */
async function beginImport(state: Script): Promise<Importing> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held: FakeAnswer = {
    raw: (response) => {
      promise.then(() =>
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result)),
      );
    },
  };
  const herald = await withHerald({ 'POST /clients/import': [held], [`GET /imports/${IMPORT}`]: state });
  const directory = await withFolder();
  const lines = Array.from({ length: LINES }, (_, index) => `7916123${String(index).padStart(4, '0')},UTC`);
  await writeFile(join(directory, 'clients.csv'), `phone,timezone\n${lines.join('\n')}\n`);
  const environment = { PATH: process.env.PATH, HERALD_URL: herald.url };
  const args = [MAIN, 'clients', 'import', 'clients.csv', '--key', 'mine'];
  const terminal = await startInTerminal(process.execPath, args, { environment, directory });
  return { terminal, herald, end: resolve };
}

test('the bar is that of the lines that are carried out, not of what is sent', async () => {
  const { terminal, end } = await beginImport([
    problem(404, 'import-not-found', 'There is no such import'),
    { body: { ...result, registered: 20, rejected: 5 } },
  ]);
  await terminal.until(/25 %/);
  const before = withoutControls(terminal.output());
  expect(before).toMatch(/101 lines \| sent/);
  expect(before).toMatch(/██████░{18} +25 % \| 25\/100 lines \|.* all is sent/);
  expect(before).not.toContain('100 %');
  end();
  expect(await terminal.exited).toBe(0);
  await terminal.until(/rejected.*0/);
  expect(withoutControls(terminal.output())).toMatch(/█{24} 100 % \| 100\/100 lines/);
});

test('where Herald does not tell it is what is sent', async () => {
  const { terminal, end } = await beginImport([
    problem(404, 'route-unknown', 'There is nothing at this path'),
  ]);
  await terminal.until(/100 %/);
  expect(withoutControls(terminal.output())).toMatch(/█{24} 100 % \| 101 lines \| .*all is sent/);
  end();
  expect(await terminal.exited).toBe(0);
});

test('at Ctrl-C it says how the import goes on', async () => {
  const { terminal } = await beginImport([{ body: { ...result, registered: 20 } }]);
  await terminal.until(/20 %/);
  terminal.type('\u0003');
  expect(await terminal.exited).toBe(130);
  await terminal.until(/Stopped/);
  expect(withoutControls(terminal.output())).toContain(
    'What was read stays imported: the same command with --key mine goes on, and does nothing twice.\n',
  );
});
