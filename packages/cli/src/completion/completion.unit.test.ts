import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../test/run-cli.ts';
import { buildProgram } from '../program.ts';
import { readGrammar } from './grammar.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'herald-completion-'));
  await Promise.all(
    SHELLS.map(async (shell) => {
      const { code, stdout } = await runCli(['completion', shell]);
      expect(code).toBe(0);
      await writeFile(join(folder, `herald.${shell}`), stdout);
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

const script = (shell: Shell): string => join(folder, `herald.${shell}`);
const run = async (shell: Shell, code: string): Promise<string> => {
  const args =
    shell === 'zsh' ? ['-f', '-c', code] : shell === 'fish' ? ['--no-config', '-c', code] : ['-c', code];
  const ended = await runProgram(shell, args, { environment: { ...process.env, HOME: folder } });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return ended.stdout;
};

/** What each shell offers behind these words; the last one is being typed. */
const offers: Record<Shell, (words: readonly string[]) => Promise<readonly string[]>> = {
  bash: async (words) => {
    const typed = ['herald', ...words].map((word) => `'${word}'`).join(' ');
    const code = `source ${script('bash')}; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _herald; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(await run('bash', code));
  },
  // Its own functions print what they would offer: a real line editor takes a terminal and a prompt.
  zsh: async (words) => {
    const typed = ['herald', ...words].map((word) => `'${word}'`).join(' ');
    const offer = `compadd() { shift; print -l -- "$@" }; _describe() { print -l -- "\${(@P)2%%:*}" }; _files() { print FILES }`;
    const code = `compdef() { : }; source ${script('zsh')}; ${offer}; words=(${typed}); CURRENT=${words.length + 1}; _herald`;
    const last = words.at(-1) ?? '';
    return linesOf(await run('zsh', code)).filter((line) => line === 'FILES' || line.startsWith(last));
  },
  fish: async (words) => {
    const code = `source ${script('fish')}; complete -C ${JSON.stringify(`herald ${words.join(' ')}`)}`;
    return linesOf(await run('fish', code)).map((line) => line.split('\t')[0] ?? '');
  },
};

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

const isThere = async (shell: Shell): Promise<boolean> => {
  try {
    return (await runProgram(shell, ['--version'], { environment: process.env })).code === 0;
  } catch {
    return false;
  }
};

for (const shell of SHELLS) {
  // bash is everywhere where this runs; the others are tried where they are.
  describe.skipIf(shell !== 'bash' && !(await isThere(shell)))(`${shell} completes`, () => {
    test.each([
      [['cl'], ['clients']],
      [['clients', 'ex'], ['export']],
      [['--json', 'mailing', 'cr'], ['create']],
      [['clients', 'export', '--form'], ['--format']],
      [
        ['clients', 'export', '--format', ''],
        ['csv', 'ndjson'],
      ],
      [
        ['stats', 'rebuild', '--lanes', ''],
        ['1', '16'],
      ],
      [['mailing', 'list', '--status', 'pau'], ['paused']],
    ])('%j', async (words, offered) => {
      expect(await offers[shell](words)).toEqual(offered);
    });

    test('every command', async () => {
      const names = (await offers[shell](['mailing', ''])).filter((word) => !word.startsWith('-'));
      expect([...names].sort()).toEqual(
        [
          'change',
          'create',
          'delete',
          'events',
          'export',
          'list',
          'messages',
          'pause',
          'preview',
          'proof',
        ].concat([...['resume', 'show', 'watch']]),
      );
    });

    test('files where a file is named', async () => {
      await writeFile(join(folder, 'some-clients.csv'), '');
      const typed = join(folder, 'some-c');
      for (const words of [
        ['clients', 'import', typed],
        ['clients', 'export', '-o', typed],
        ['clients', 'export', '--output', typed],
      ]) {
        const offered = await offers[shell](words);
        expect(offered).toEqual(shell === 'zsh' ? ['FILES'] : [join(folder, 'some-clients.csv')]);
      }
    });
  });
}

test('the commands are those of the design', () => {
  const program = buildProgram(async () => {}, { writeOut: () => {}, writeErr: () => {} });
  const grammar = readGrammar(program);
  const paths = grammar.filter(({ subcommands }) => subcommands.length === 0).map(({ path }) => path);
  expect(paths).toEqual([
    ...['list', 'show', 'add', 'change', 'remove', 'import', 'export', 'messages'].map(
      (name) => `clients ${name}`,
    ),
    ...['create', 'preview', 'list', 'show', 'change', 'watch', 'pause', 'resume', 'delete'].map(
      (name) => `mailing ${name}`,
    ),
    ...['messages', 'export', 'events', 'proof'].map((name) => `mailing ${name}`),
    'messages show',
    ...['show', 'rebuild', 'verify', 'generations', 'use', 'drop'].map((name) => `stats ${name}`),
    ...['why', 'log tail', 'directory rebuild', 'parked list', 'parked show', 'parked redrive'],
    ...['monitor', 'completion'],
  ]);
});
