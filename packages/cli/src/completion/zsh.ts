import type { Grammar, OptionGrammar } from './grammar.ts';
import { quote } from './quote.ts';

/** The script for `source <(herald completion zsh)`, or for a file `_herald` in a folder of `fpath`. */
export function writeZsh(grammar: readonly Grammar[]): string {
  const paths = grammar.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  return `#compdef herald
# Completion of herald for zsh: source <(herald completion zsh)
_herald() {
  local previous=\${words[CURRENT-1]} here='' next
  local -a entries
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    next="\${here:+$here }\${words[i]}"
    case "$next" in
      ${paths.join('|')}) here=$next ;;
    esac
  done
  case "$here|$previous" in
${grammar.flatMap(valuesOf).join('\n')}
  esac
  case "$here" in
${grammar.map(entriesOf).join('\n')}
  esac
}
if [ "\${funcstack[1]}" = _herald ]; then _herald "$@"; else compdef _herald herald; fi
`;
}

function valuesOf({ path, options }: Grammar): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === 'none') return [];
    const patterns = flags.map((flag) => quote(`${path}|${flag}`)).join('|');
    return [`    ${patterns}) ${offer(value)}; return ;;`];
  });
}

function offer(value: Exclude<OptionGrammar['value'], 'none'>): string {
  if (value === 'any') return ':';
  return value === 'file' ? '_files' : `compadd -- ${value.map(quote).join(' ')}`;
}

function entriesOf({ path, subcommands, options, words, takesFile }: Grammar): string {
  const entries = [
    ...subcommands.map(({ name, description }) => `${name}:${description}`),
    ...words.map((word) => `${word}:`),
    ...options.flatMap(({ flags, description }) => flags.map((flag) => `${flag}:${description}`)),
  ];
  const files = takesFile ? '; _files' : '';
  return `    ${quote(path)}) entries=(${entries.map(quote).join(' ')}); _describe herald entries${files} ;;`;
}
