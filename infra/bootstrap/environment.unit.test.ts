import { expect, test } from 'vitest';

// Plain JavaScript, which the types do not cover: it runs before anything is installed.
const { folderOfCall } = await import(new URL('environment.mjs', import.meta.url).href);

test('a call through npm or pnpm was made where they say, any other one here', () => {
  expect(folderOfCall({ npm_lifecycle_event: 'herald', INIT_CWD: '/somewhere' })).toBe('/somewhere');
  // Left over from an npm around us, which started something else.
  expect(folderOfCall({ INIT_CWD: '/somewhere' })).toBe(process.cwd());
  expect(folderOfCall({})).toBe(process.cwd());
});
