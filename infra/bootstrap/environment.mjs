import { delimiter, dirname } from 'node:path';

/** Variables with which the npm that started us says which folder it works on: not the one we mean. */
const OF_OUTER_NPM = /^(npm_config_(local_)?prefix|npm_package_.*|npm_lifecycle_.*|INIT_CWD)$/i;

/**
 * An environment for a package manager that is started from within another one's script.
 * @param {readonly string[]} programs  their folders come first in PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment(programs = []) {
  const kept = Object.entries(process.env).filter(([name]) => !OF_OUTER_NPM.test(name));
  const path = [...programs.map((program) => dirname(program)), process.env.PATH ?? ''].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, npm_config_loglevel: 'error' };
}

/**
 * Where somebody called us: npm and pnpm work in the checkout and tell the folder they were called in.
 * @param {NodeJS.ProcessEnv} [environment]  another one in tests
 * @returns {string}
 */
export const folderOfCall = (environment = process.env) =>
  (environment.npm_lifecycle_event !== undefined && environment.INIT_CWD) || process.cwd();
