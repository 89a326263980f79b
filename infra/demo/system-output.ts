import { z } from 'zod';
import type { Output } from '../local/output.ts';

const logLine = z.looseObject({
  level: z.string(),
  msg: z.string(),
  err: z.looseObject({ message: z.string() }).optional(),
});
const WORTH_SHOWING = ['warn', 'error', 'fatal'];

export type SystemOutput = Output & {
  /** From now on the services' warnings are not shown: that they lose each other is what a stop is. */
  expectStop(): void;
};

/** Shows what the launcher says, and of what the services log the warnings, short, or everything as it is. */
export function createSystemOutput(say: (line: string) => void, verbose: boolean): SystemOutput {
  let stopping = false;
  const tell = (line: string) => say(`  ${line}`);
  return {
    say: tell,
    warn: tell,
    error: tell,
    pass: (instance, line) => {
      if (verbose) return tell(`${instance}: ${line}`);
      const warning = stopping ? undefined : findWarning(line);
      if (warning !== undefined) tell(`${instance}: ${warning}`);
    },
    print: () => {},
    expectStop: () => {
      stopping = true;
    },
  };
}

/** What is no line of a log is what Node itself has to say before it dies: it is shown as it is. */
function findWarning(line: string): string | undefined {
  const parsed = logLine.safeParse(parseJson(line));
  if (!parsed.success) return line;
  const { level, msg, err } = parsed.data;
  if (!WORTH_SHOWING.includes(level)) return undefined;
  return `${level}: ${msg}${err === undefined ? '' : ` (${err.message})`}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
