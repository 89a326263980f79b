import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a machine gets Debian's packages from, and by which keys it trusts them. */
export type DebianMirror = {
  readonly uri: string;
  /** A keyring file; undefined: apt's own trusted keys. */
  readonly signedBy: string | undefined;
};

/** This machine's mirror of Debian; undefined on Ubuntu and others, or where no source names it. */
export async function findDebianMirror(): Promise<DebianMirror | undefined> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const system = await read('/etc/os-release');
  const codename = /^VERSION_CODENAME="?(\w+)"?$/m.exec(system)?.[1];
  if (!/^ID="?debian"?$/m.test(system) || codename === undefined) return undefined;
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name));
  for (const file of ['/etc/apt/sources.list', ...files]) {
    const mirror = readMirror(await read(file), codename);
    if (mirror !== undefined) return mirror;
  }
  return undefined;
}

/** The mirror that a source list names for a suite, in either of apt's formats (sources.list(5)). */
export function readMirror(list: string, suite: string): DebianMirror | undefined {
  const lines = list.split('\n').filter((line) => !line.startsWith('#'));
  for (const line of lines) {
    const entry = /^deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s/.exec(`${line} `);
    if (entry?.[2] === undefined || entry[3] !== suite) continue;
    return { uri: entry[2], signedBy: keyringFile(/signed-by=(\S+)/.exec(entry[1] ?? '')?.[1]) };
  }
  for (const stanza of lines.join('\n').split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, 'im').exec(stanza)?.[1]?.trim();
    const words = (name: string) => field(name)?.split(/\s+/) ?? [];
    const uri = words('URIs')[0];
    if (uri === undefined || !words('Types').includes('deb') || !words('Suites').includes(suite)) continue;
    return { uri, signedBy: keyringFile(words('Signed-By')[0]) };
  }
  return undefined;
}

/** Keys may also stand in the list itself, or be named by fingerprint: apt then finds them by itself or not at all. */
const keyringFile = (text: string | undefined): string | undefined =>
  text?.startsWith('/') ? text : undefined;
