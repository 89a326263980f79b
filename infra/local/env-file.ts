/** What a file of settings holds, and what in it was not understood. */
export type EnvFile = {
  readonly variables: Readonly<Record<string, string>>;
  /** For a person: each begins with the number of the line, and shows no value. */
  readonly problems: readonly string[];
};

const ASSIGNMENT = /^[\t ]*(?:export[\t ]+)?([A-Za-z_][\w.-]*)[\t ]*=[\t ]*/;
const NOTHING = /^\s*(#.*)?$/;
const QUOTES = ['"', "'", '`'];

/**
 * Reads `.env` as Node's own reader does (`util.parseEnv`), with which it agrees on every file that is as it should be.
 * That one, however, leaves out in silence what it does not understand: the first variable behind a byte order mark,
 * a whole file in UTF-16 (both as editors on Windows write them), and lines that are no assignment.
 */
export function readEnvFile(bytes: Uint8Array): EnvFile {
  const lines = decode(bytes).split(/\r\n|\r|\n/);
  const variables = new Map<string, string>();
  const problems: string[] = [];
  for (let index = 0; index < lines.length; ) {
    const at = `line ${index + 1}`;
    const line = lines[index] ?? '';
    const assignment = ASSIGNMENT.exec(line);
    const name = assignment?.[1];
    if (assignment === null || name === undefined) {
      if (!NOTHING.test(line)) problems.push(`${at}: is no assignment (NAME=value) and is left out`);
      index += 1;
      continue;
    }
    const value = readValue(line.slice(assignment[0].length), lines.slice(index + 1));
    if (value.problem !== undefined) problems.push(`${at}: ${name}: ${value.problem}`);
    if (variables.has(name)) problems.push(`${at}: ${name}: is set again, and the last one holds`);
    if (value.text.includes('\0')) problems.push(`${at}: ${name}: holds a NUL character and is left out`);
    else variables.set(name, value.text);
    if (value.text.includes('\uFFFD')) problems.push(`${at}: ${name}: is not UTF-8`);
    index += 1 + value.furtherLines;
  }
  return { variables: Object.fromEntries(variables), problems };
}

type Value = { readonly text: string; readonly furtherLines: number; readonly problem?: string };

function readValue(first: string, following: readonly string[]): Value {
  const quote = QUOTES.find((candidate) => first.startsWith(candidate));
  return quote === undefined ? readPlain(first) : readQuoted(quote, first, following);
}

function readPlain(text: string): Value {
  const comment = text.indexOf('#');
  if (comment === -1) return { text: text.trim(), furtherLines: 0 };
  const value = { text: text.slice(0, comment).trim(), furtherLines: 0 };
  if (comment === 0 || /\s/.test(text.charAt(comment - 1))) return value;
  return { ...value, problem: 'what stands behind # is left out; a value with # must stand in quotes' };
}

function readQuoted(quote: string, first: string, following: readonly string[]): Value {
  let text = first.slice(1);
  for (let furtherLines = 0; ; furtherLines += 1) {
    const end = text.indexOf(quote);
    if (end !== -1) {
      const inside = text.slice(0, end);
      const value = { text: quote === '"' ? inside.replaceAll('\\n', '\n') : inside, furtherLines };
      if (
        inside
          .split('\n')
          .slice(1)
          .some((line) => ASSIGNMENT.test(line))
      ) {
        return { ...value, problem: 'its quotes hold further lines that look like assignments' };
      }
      if (NOTHING.test(text.slice(end + 1))) return value;
      return { ...value, problem: 'what stands behind the closing quote is left out' };
    }
    const next = following[furtherLines];
    if (next === undefined) {
      return {
        text: first.trim(),
        furtherLines: 0,
        problem: `the quote ${quote} is never closed and is taken as part of the value`,
      };
    }
    text += `\n${next}`;
  }
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  // The decoder takes the byte order mark away.
  return new TextDecoder(encoding).decode(bytes);
}
