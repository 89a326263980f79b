import type { Grammar } from './grammar.ts';
import { quote } from './quote.ts';

/** The script for `source <(herald completion bash)`. */
export function writeBash(grammar: readonly Grammar[]): string {
  const paths = grammar.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  return `# Completion of herald for bash: source <(herald completion bash)
_herald() {
  COMPREPLY=()
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} here='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${here:+$here }\${COMP_WORDS[i]}"
    case "$next" in
      ${paths.join('|')}) here=$next ;;
    esac
  done
  case "$here|$previous" in
${grammar.flatMap(valuesOf).join('\n')}
  esac
  case "$here" in
${grammar.map(wordsOf).join('\n')}
  esac
}
complete -F _herald herald
`;
}

function valuesOf({ path, options }: Grammar): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === 'none') return [];
    const patterns = flags.map((flag) => quote(`${path}|${flag}`)).join('|');
    return [`    ${patterns}) ${reply(value === 'any' ? [] : value)}; return ;;`];
  });
}

function wordsOf({ path, subcommands, options, words, takesFile }: Grammar): string {
  const all = [...subcommands.map(({ name }) => name), ...words, ...options.flatMap(({ flags }) => flags)];
  const files = takesFile ? `; ${FILES}` : '';
  return `    ${quote(path)}) ${reply(all)}${files} ;;`;
}

function reply(words: 'file' | readonly string[]): string {
  if (words === 'file') return FILES;
  return words.length === 0
    ? 'COMPREPLY=()'
    : `COMPREPLY=($(compgen -W ${quote(words.join(' '))} -- "$current"))`;
}

/** With a stroke behind folders; outside of a completion, as in tests, there is nothing to say it to. */
const FILES = 'compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$current"))';
