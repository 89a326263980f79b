import { expect, test } from 'vitest';
import { readMirror } from './debian-mirror.ts';

const DEB822 = `Types: deb
# http://snapshot.example/archive
URIs: http://security.example/debian-security
Suites: bookworm-security
Signed-By: /keys/security.gpg

Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/debian.gpg
`;

test('finds mirror and keyring in a list of stanzas', () => {
  expect(readMirror(DEB822, 'bookworm')).toEqual({
    uri: 'http://mirror.example/debian',
    signedBy: '/keys/debian.gpg',
  });
});

test.each([
  ['deb http://m.example/debian bookworm main', undefined],
  ['deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian bookworm main contrib', '/k.gpg'],
  ['deb [ signed-by=/k.gpg arch=amd64 ] http://m.example/debian bookworm main', '/k.gpg'],
])('finds them in a list of lines: %s', (line, signedBy) => {
  const list = `# deb http://old.example/debian bookworm main\ndeb http://s.example/ x main\n${line}`;
  expect(readMirror(list, 'bookworm')).toEqual({ uri: 'http://m.example/debian', signedBy });
});

test('takes no keys for a file that stand in the list itself', () => {
  const list =
    'Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----';
  expect(readMirror(list, 'bookworm')).toEqual({ uri: 'http://m.example/debian', signedBy: undefined });
});

test('finds none where no entry names the suite', () => {
  expect(readMirror(DEB822, 'trixie')).toBeUndefined();
  expect(readMirror('', 'bookworm')).toBeUndefined();
});
