import type { Command, Option } from 'commander';

/** A command as a shell completes it. */
export type Grammar = {
  /** From the program on: empty for the program itself, `clients export`. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionGrammar[];
  /** What may be named; files, when it is a file. */
  readonly words: readonly string[];
  readonly takesFile: boolean;
};

export type OptionGrammar = {
  /** `--output`, `-o`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: 'none' | 'any' | 'file' | readonly string[];
};

/** Every command with what can stand behind it, taken from the commands themselves: it is never out of date. */
export function readGrammar(program: Command): readonly Grammar[] {
  const globals = program.options.map(readOption);
  const help: OptionGrammar = { flags: ['--help', '-h'], description: 'show what it does', value: 'none' };
  const read = (command: Command, path: string): Grammar[] => {
    const own = command === program ? [] : command.options.map(readOption);
    const shown = command.commands.filter((each) => !each.name().startsWith('_'));
    const files = command.registeredArguments.some((each) => isFile(each.name()));
    const grammar: Grammar = {
      path,
      subcommands: shown.map((each) => ({ name: each.name(), description: each.description() })),
      options: [...own, ...globals, help],
      words: command.registeredArguments.flatMap((each) => each.argChoices ?? []),
      takesFile: files,
    };
    return [grammar, ...shown.flatMap((each) => read(each, `${path} ${each.name()}`.trim()))];
  };
  return read(program, '');
}

function readOption(option: Option): OptionGrammar {
  const { long, short, description, argChoices, required, optional } = option;
  const flags = [long, short].filter((flag) => typeof flag === 'string');
  const name = /<([^>]+)>/.exec(option.flags)?.[1] ?? '';
  const value = required || optional ? (argChoices ?? (isFile(name) ? 'file' : 'any')) : 'none';
  return { flags, description, value };
}

const isFile = (name: string): boolean => name === 'file';
