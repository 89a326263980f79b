import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';

/**
 * Runs a script as a process of its own: it gets its input as JSON on its standard input and says its result as JSON.
 * @throws when it fails, or says something else
 */
export async function runScript<Schema extends z.ZodType>(
  script: string,
  input: object,
  result: Schema,
  signal: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<z.infer<Schema>> {
  const child = spawn(process.execPath, [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
    signal,
  });
  // A child that has died says so by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(input));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${said.slice(0, 500)}`);
  return result.parse(JSON.parse(said));
}
