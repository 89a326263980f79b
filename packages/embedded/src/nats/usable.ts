import { runCommand } from '../run-command.ts';

/** Major, minor, patch. */
export type NatsVersion = readonly [number, number, number];

/** What is wrong with a binary; undefined when it runs here, and is a nats-server not older than that. */
export async function whyUnusable(binary: string, oldest: NatsVersion): Promise<string | undefined> {
  const result = await runCommand(binary, ['--version'], { timeoutMs: 10_000 });
  if (!result.ok) return result.transcript;
  const said = result.output.trim();
  const found = /nats-server.*\bv(\d+)\.(\d+)\.(\d+)/.exec(said);
  if (found === null) return `it says "${said}"`;
  const version = found.slice(1).map(Number);
  const different = oldest.findIndex((part, index) => version[index] !== part);
  const isNewEnough = different === -1 || (version[different] ?? 0) > (oldest[different] ?? 0);
  return isNewEnough ? undefined : `it says "${said}", and ${oldest.join('.')} or newer is needed`;
}
