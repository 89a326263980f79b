import type { z } from 'zod';

/** The environment does not fit; the message names every variable at fault, and never shows a value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** One line for each fault: `NAME: what is wrong`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment does not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads the configuration from environment variables. Blanks and line ends around a value are cut off, as a value read
 * from a file has them; a variable with nothing else counts as absent. A value that stands in quotes is refused:
 * `docker --env-file` and systemd pass them on, and they would silently be part of a token or a path.
 *
 * @throws ConfigurationError naming each variable and what is wrong with it
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const given: Record<string, string> = {};
  const quoted: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    const value = environment[name]?.trim() ?? '';
    if (/^(["']).*\1$/s.test(value) && value.length > 1) quoted.push(name);
    else if (value !== '') given[name] = value;
  }
  if (quoted.length > 0) {
    throw new ConfigurationError(quoted.map((name) => `${name}: stands in quotes, which must be left out`));
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  );
}
