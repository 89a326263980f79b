import { join } from 'node:path';
import {
  locateNatsServer,
  type RunningServer,
  type Say,
  startNatsServer,
  startPostgres,
} from '@herald/embedded';
import type { PartDefinition, PartRun } from './part.ts';

export type ServersOptions = {
  readonly dataDirectory: string;
  readonly toolsDirectory: string;
  readonly say: Say;
};

/** The embedded broker. */
export function defineNats(port: number, options: ServersOptions): PartDefinition {
  const { toolsDirectory, say } = options;
  const dataDirectory = join(options.dataDirectory, 'nats');
  let located: Promise<string> | undefined;
  return {
    name: 'nats-server',
    port,
    launch: async (signal) => {
      located ??= locateNatsServer({ toolsDirectory, say, signal });
      const binary = await located;
      return toRun(await startNatsServer({ binary, dataDirectory, port, say, signal }));
    },
  };
}

export type PostgresPart = {
  readonly definition: PartDefinition;
  /** Known once it has been up; stays the same after. */
  url(): string;
};

/** The embedded database. */
export function definePostgres(port: number, options: ServersOptions): PostgresPart {
  const dataDirectory = join(options.dataDirectory, 'postgres');
  let url: string | undefined;
  const definition: PartDefinition = {
    name: 'postgres',
    port,
    launch: async (signal) => {
      const server = await startPostgres({ dataDirectory, port, say: options.say, signal });
      url = server.url;
      return toRun(server);
    },
  };
  return {
    definition,
    url: () => {
      if (url === undefined) throw new Error('PostgreSQL has not been up yet.');
      return url;
    },
  };
}

/** An embedded server is ready as soon as it is there at all. */
function toRun(server: RunningServer): PartRun {
  return {
    pid: server.pid,
    ready: Promise.resolve(),
    exited: server.exited,
    stop: () => void server.stop(),
    kill: () => void server.kill(),
  };
}
