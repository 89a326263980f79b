import { join } from 'node:path';
import { npmEnvironment } from './environment.mjs';
import { modulesOf, provideTool } from './tool.mjs';

const MAJOR = 24;
/** The one place where it is pinned; what is newer and already running is taken as it is. */
const VERSION = '24.21.0';
const FOLDER = `node-${MAJOR}`;

/**
 * The path of a Node that runs TypeScript as it is: the running one if it is new enough.
 * @returns {Promise<string>}
 */
export async function provideNode() {
  if (Number.parseInt(process.versions.node, 10) >= MAJOR) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const why = `(this one is ${process.versions.node})`;
  await provideTool({ folder: FOLDER, name, version: VERSION, why, env: npmEnvironment() });
  return join(modulesOf(FOLDER), name, 'bin', 'node');
}
