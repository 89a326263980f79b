import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchFromNewerDebian } from './fetch-from-newer-debian.ts';

const MIRROR = { uri: 'http://mirror.example/debian', signedBy: '/keys/debian.gpg' };
let directory: string;
let tools: string;

/** Stands for apt-get: `update` remembers the suite of its source list, `download` brings that suite's server. */
const APT = `
list=$(for each in "$@"; do case "$each" in Dir::Etc::sourcelist=*) echo "\${each#*=}";; esac; done)
case "$*" in *Dir::Etc::sourceparts=/dev/null*) ;; *) exit 9;; esac
suite=$(cut -d' ' -f4 "$list")
cat "$list" >> "$LISTS"
case "$*" in
  *" update") test "$suite" != "$MISSING";;
  *" download nats-server") eval "echo \\"\\$$suite\\"" > server.deb;;
esac`;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'herald-newer-'));
  tools = join(directory, 'tools');
  await mkdir(join(directory, 'bin'));
  vi.stubEnv('PATH', `${join(directory, 'bin')}${delimiter}${process.env.PATH ?? ''}`);
  vi.stubEnv('LISTS', join(directory, 'lists'));
  vi.stubEnv('MISSING', '');
  await script(
    'dpkg',
    '{ echo "#!/bin/sh"; cat "$2"; } > "$3.sh"; mkdir -p "$3/usr/sbin"; mv "$3.sh" "$3/usr/sbin/nats-server"',
  );
  await script('apt-get', APT);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

async function script(name: string, body: string): Promise<void> {
  const path = join(directory, 'bin', name);
  await writeFile(path, `#!/bin/sh\nset -e\n${body}\n`);
  await chmod(path, 0o755);
}

const fetchServer = () => fetchFromNewerDebian(tools, MIRROR, [2, 9, 21], () => {});
const server = () => readFile(join(tools, 'nats-server'), 'utf8');

test('takes the newest suite, by the machine’s mirror and keys and by no other source', async () => {
  vi.stubEnv('sid', 'echo nats-server: v2.15.1');
  vi.stubEnv('trixie', 'echo nats-server: v2.10.27');
  expect(await fetchServer()).toBeUndefined();
  expect(await server()).toContain('v2.15.1');
  expect(await readdir(tools)).toEqual(['nats-server']);
  const lists = new Set((await readFile(join(directory, 'lists'), 'utf8')).trim().split('\n'));
  expect([...lists]).toEqual(['deb [signed-by=/keys/debian.gpg] http://mirror.example/debian sid main']);
});

test.each([
  ['cannot be read', { MISSING: 'sid', sid: '' }],
  ['holds one that does not run on this machine', { sid: 'exit 127' }],
  ['holds one that is too old', { sid: 'echo nats-server: v2.9.20' }],
])('takes the next suite where the newest %s', async (_why, environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.stubEnv('trixie', 'echo nats-server: v2.10.27');
  expect(await fetchServer()).toBeUndefined();
  expect(await server()).toContain('v2.10.27');
});

test('tells of every suite what was wrong with it', async () => {
  vi.stubEnv('MISSING', 'sid');
  vi.stubEnv('trixie', 'echo nats-server: v2.9.10');
  expect(await fetchServer()).toMatch(/^sid: [\s\S]*trixie: .*v2\.9\.10.*2\.9\.21 or newer/);
});
