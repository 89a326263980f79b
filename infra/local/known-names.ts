/** Shorter names are near to too many others. */
const SHORTEST = 6;
const NEAR = 2;

/** The names of all settings, from `.env.example`, where each stands as `#NAME=default`. */
export function readKnownNames(example: string): readonly string[] {
  return [...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
}

/** The setting that was probably meant by a name that is none; undefined where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name) || name.length < SHORTEST) return undefined;
  const upper = name.toUpperCase();
  return (
    known.find((candidate) => candidate === upper || candidate.startsWith(`${upper}_`)) ??
    known.find((candidate) => candidate.length >= SHORTEST && distance(upper, candidate) <= NEAR)
  );
}

/** How many letters must be changed, added or taken away (Levenshtein). */
function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > NEAR) return NEAR + 1;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
