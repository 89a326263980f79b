import { connect, type NatsConnection } from 'nats';

const ANSWER_MS = 2_000;

type StreamInfo = {
  readonly config: { readonly name: string; readonly num_replicas: number };
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly {
      readonly name: string;
      readonly current: boolean;
      readonly offline?: boolean;
    }[];
  };
};

type StreamList = {
  readonly streams: readonly StreamInfo[] | null;
  readonly missing?: readonly string[] | null;
};

/** Asks a cluster about its streams, over a connection of its own for each question: servers come and go. */
export class ClusterObserver {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The name of the server that leads a stream; undefined while none does. */
  async leaderOf(stream: string): Promise<string | undefined> {
    return this.#ask(async (connection) => {
      const info = await request<StreamInfo>(connection, `STREAM.INFO.${stream}`, {});
      return info.cluster?.leader;
    });
  }

  /** Its leader hands a stream on to another server. */
  async stepDown(stream: string): Promise<void> {
    await this.#ask((connection) => request(connection, `STREAM.LEADER.STEPDOWN.${stream}`, null));
  }

  /** True when every stream has a leader and as many copies as it should, none of them behind. */
  async isInSync(members: number): Promise<boolean> {
    return this.#ask(async (connection) => {
      const { streams, missing } = await request<StreamList>(connection, 'STREAM.LIST', {});
      // Streams whose leader does not answer are named apart.
      if (missing !== undefined && missing !== null && missing.length > 0) return false;
      return (streams ?? []).every(({ config, cluster }) => {
        const copies = cluster?.replicas?.filter(({ current, offline }) => current && offline !== true) ?? [];
        return cluster?.leader !== undefined && copies.length === Math.min(members, config.num_replicas) - 1;
      });
    });
  }

  /** Makes a stream with so many copies and takes it away again: only so all members are known to be there. */
  async canMakeStreams(members: number): Promise<boolean> {
    return this.#ask(async (connection) => {
      const name = 'CLUSTER_PROBE';
      const config = { name, subjects: ['cluster.probe'], storage: 'memory', num_replicas: members };
      await request(connection, `STREAM.CREATE.${name}`, config);
      await request(connection, `STREAM.DELETE.${name}`, {});
      return true;
    });
  }

  async #ask<Answer>(question: (connection: NatsConnection) => Promise<Answer>): Promise<Answer> {
    const connection = await connect({ servers: this.#url.split(','), reconnect: false, timeout: ANSWER_MS });
    try {
      return await question(connection);
    } finally {
      await connection.close();
    }
  }
}

/** @throws when the answer is an error or does not come in time */
async function request<Answer>(
  connection: NatsConnection,
  subject: string,
  body: object | null,
): Promise<Answer> {
  const message = await connection.request(`$JS.API.${subject}`, JSON.stringify(body), {
    timeout: ANSWER_MS,
  });
  const answer: Answer & { readonly error?: { readonly description: string } } = message.json();
  if (answer.error !== undefined) throw new Error(`${subject}: ${answer.error.description}`);
  return answer;
}
