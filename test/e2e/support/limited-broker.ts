import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findFreePort, locateNatsServer, startNatsServer } from '@herald/embedded';
import { type Broker, connectBroker } from '@herald/event-log';

const FILLER = 'FILLER';
const PIECE_BYTES = 64 * 1_024;

/** A NATS server beside the system, whose store takes only so much. */
export class LimitedBroker {
  readonly url: string;
  readonly #binary: string;
  readonly #directory: string;
  readonly #port: number;
  #server: Awaited<ReturnType<typeof startNatsServer>>;
  #tester: Broker;

  private constructor(
    binary: string,
    directory: string,
    server: Awaited<ReturnType<typeof startNatsServer>>,
    tester: Broker,
  ) {
    this.#binary = binary;
    this.#directory = directory;
    this.#server = server;
    this.#port = server.port;
    this.#tester = tester;
    this.url = server.url;
  }

  static async start(maxFileStoreBytes: number): Promise<LimitedBroker> {
    const toolsDirectory = resolve(import.meta.dirname, '../../../.tools');
    const binary = await locateNatsServer({ toolsDirectory, say: () => {} });
    const directory = await mkdtemp(join(tmpdir(), 'herald-limited-'));
    const options = { binary, dataDirectory: directory, port: await findFreePort(), maxFileStoreBytes };
    const server = await startNatsServer(options);
    return new LimitedBroker(
      binary,
      directory,
      server,
      await connectBroker({ url: server.url, name: 'test' }),
    );
  }

  /** Takes all the room that is left, to the last hundred bytes. */
  async fill(): Promise<void> {
    const { connection, manager } = this.#tester;
    await manager.streams.add({ name: FILLER, subjects: ['filler'] });
    for (let bytes = PIECE_BYTES; bytes > 64; bytes /= 2) {
      for (let refused = false; !refused; ) {
        const answer = await connection.request('filler', 'x'.repeat(bytes), { timeout: 5_000 });
        refused = answer.string().includes('"error"');
      }
    }
  }

  /** Gives the room back. */
  async makeRoom(): Promise<void> {
    await this.#tester.manager.streams.delete(FILLER);
  }

  /** Starts again on the same data with another limit. */
  async restart(maxFileStoreBytes: number): Promise<void> {
    await this.#server.stop();
    const port = this.#port;
    const options = { binary: this.#binary, dataDirectory: this.#directory, port, maxFileStoreBytes };
    this.#server = await startNatsServer(options);
  }

  async stop(): Promise<void> {
    await this.#tester.connection.close();
    await this.#server.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
