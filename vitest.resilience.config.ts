import { defineConfig } from 'vitest/config';
import { forgetTheShell } from './test/of-the-shell.ts';

forgetTheShell();

/** The whole fault suite, one fault family a file, one file after another: 25 minutes of kills, freezes and cuts. */
export default defineConfig({
  test: {
    name: 'resilience',
    include: ['test/resilience/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
