import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, isAlive, type RunningServer, startNatsServer } from '@herald/embedded';
import { ClusterObserver } from './cluster-observer.ts';
import { eventually } from './eventually.ts';

/** How many servers a cluster of the tests has: one may fail. */
const NODES = 3;
/** From the start of the first server to a leader among them; or from the return of one until it has caught up. */
const FORMED_MS = 60_000;

/** One server of a cluster. Its ports and its name stay the same whatever is done to it. */
export type NatsNode = {
  readonly name: string;
  /** SIGKILL; the data stay. */
  kill(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Starts it on its data. */
  start(): Promise<void>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** Takes its data away; it must not run. */
  forget(): Promise<void>;
};

/** Three nats-server processes that keep three copies of each stream. */
export type NatsCluster = {
  /** The addresses of all of them, divided by commas. */
  readonly url: string;
  readonly nodes: readonly NatsNode[];
  /** The one that leads a stream now. */
  leaderOf(stream: string): Promise<NatsNode>;
  /** Hands the lead of a stream on until this node has it. */
  makeLeader(stream: string, node: NatsNode): Promise<void>;
  /** Waits until every stream has all its copies, none of them behind. */
  untilInSync(): Promise<void>;
  /** Ends all of it and removes its data. */
  stop(): Promise<void>;
};

/** Starts a cluster with empty stores; resolves when it has a leader, so that streams can be made. */
export async function startNatsCluster(binary: string): Promise<NatsCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'herald-cluster-'));
  const ports = await findPorts(2 * NODES);
  const routes = ports.slice(NODES);
  const nodes = Array.from({ length: NODES }, (_, index) =>
    makeNode(binary, join(directory, `node-${index + 1}`), ports[index] ?? 0, {
      name: 'herald-test',
      serverName: `node-${index + 1}`,
      port: routes[index] ?? 0,
      routes,
    }),
  );
  const url = ports
    .slice(0, NODES)
    .map((port) => `nats://127.0.0.1:${port}`)
    .join(',');
  const stop = async (): Promise<void> => {
    // All of them, whatever one ends with: no server may outlive the tests.
    const stopped = await Promise.allSettled(nodes.map((node) => node.stop()));
    await rm(directory, { recursive: true, force: true });
    for (const result of stopped) if (result.status === 'rejected') throw result.reason;
  };
  try {
    const started = await Promise.allSettled(nodes.map((node) => node.start()));
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    const observer = new ClusterObserver(url);
    const waiting = { timeoutMs: FORMED_MS, everyMs: 100 };
    await eventually(() => observer.canMakeStreams(NODES), { ...waiting, message: 'the cluster has formed' });
    return {
      url,
      nodes,
      leaderOf: async (stream) => {
        const leader = await eventually(() => observer.leaderOf(stream), waiting);
        const node = nodes.find(({ name }) => name === leader);
        if (node === undefined) throw new Error(`${stream} is led by a stranger, ${leader}`);
        return node;
      },
      makeLeader: async (stream, { name }) => {
        const leads = async () => {
          const leader = await observer.leaderOf(stream);
          if (leader !== name && leader !== undefined) await observer.stepDown(stream);
          return leader === name;
        };
        await eventually(leads, { ...waiting, everyMs: 500, message: `${name} leads ${stream}` });
      },
      untilInSync: async () => {
        await eventually(() => observer.isInSync(NODES), { ...waiting, message: 'all copies are in sync' });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function makeNode(
  binary: string,
  dataDirectory: string,
  port: number,
  cluster: NonNullable<Parameters<typeof startNatsServer>[0]['cluster']>,
): NatsNode {
  let server: RunningServer | undefined;
  const signal = (name: NodeJS.Signals): void => {
    if (server === undefined) throw new Error(`${cluster.serverName} does not run`);
    process.kill(server.pid, name);
  };
  return {
    name: cluster.serverName,
    start: async () => {
      server = await startNatsServer({ binary, dataDirectory, port, cluster });
    },
    kill: async () => {
      await server?.kill();
      server = undefined;
    },
    stop: async () => {
      // A frozen one would not hear that it shall stop. One that ended by itself is found ended.
      if (server !== undefined && isAlive(server.pid)) process.kill(server.pid, 'SIGCONT');
      await server?.stop();
      server = undefined;
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    forget: () => rm(dataDirectory, { recursive: true, force: true }),
  };
}

/** Different ones: each is only known to be free while nobody listens yet. */
async function findPorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findFreePort());
  return [...ports];
}
