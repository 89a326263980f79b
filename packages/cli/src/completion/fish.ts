import type { Grammar, OptionGrammar } from './grammar.ts';
import { quoteForFish as quote } from './quote.ts';

/** The script for `herald completion fish | source`. */
export function writeFish(grammar: readonly Grammar[]): string {
  const paths = grammar.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  return `# Completion of herald for fish: herald completion fish | source
function __herald_at
    set -l here ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$here $word")
        if contains -- $next ${paths.join(' ')}
            set here $next
        end
    end
    test "$here" = "$argv[1]"
end
complete -c herald -f
${grammar.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, subcommands, options, words, takesFile }: Grammar): string[] {
  const at = `complete -c herald -n ${quote(`__herald_at ${quote(path)}`)}`;
  return [
    ...subcommands.map(({ name, description }) => `${at} -a ${name} -d ${quote(description)}`),
    ...words.map((word) => `${at} -a ${quote(word)}`),
    ...(takesFile ? [`${at} -F`] : []),
    ...options.map((option) => `${at} ${flagsOf(option)} -d ${quote(option.description)}`),
  ];
}

function flagsOf({ flags, value }: OptionGrammar): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const takes =
    value === 'none'
      ? []
      : value === 'any'
        ? ['-x']
        : value === 'file'
          ? ['-r', '-F']
          : ['-x', '-a', quote(value.join(' '))];
  return [...names, ...takes].join(' ');
}
