import { Argument, type Command } from 'commander';
import { writeBash } from './bash.ts';
import { writeFish } from './fish.ts';
import { type Grammar, readGrammar } from './grammar.ts';
import { writeZsh } from './zsh.ts';

const WRITERS: Readonly<Record<string, (grammar: readonly Grammar[]) => string>> = {
  bash: writeBash,
  zsh: writeZsh,
  fish: writeFish,
};

/** `herald completion SHELL` prints a script; it asks nothing of Herald. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(WRITERS)))
    .addHelpText('after', '\nFor bash: source <(herald completion bash)')
    .action((shell: string) => {
      const script = WRITERS[shell]?.(readGrammar(program)) ?? '';
      program.configureOutput().writeOut?.(script);
    });
}
