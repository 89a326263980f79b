import {
  type DirectoryRebuild,
  directoryRebuildQuery,
  type RebuildDifference,
  startDirectoryRebuildQuery,
} from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import type { MailingFixture } from './mailing-fixture.ts';

/** Asks for rebuilds as the gateway does. */
export class Rebuilds {
  readonly #fixture: MailingFixture;

  constructor(fixture: MailingFixture) {
    this.#fixture = fixture;
  }

  async latest(): Promise<DirectoryRebuild | null> {
    return (await ask(this.#fixture.tester.broker, directoryRebuildQuery, {})).rebuild;
  }

  /** Asks again where a connection to the database has just been cut: a second request joins the first. */
  start(): Promise<DirectoryRebuild> {
    return eventually(
      async () => (await ask(this.#fixture.tester.broker, startDirectoryRebuildQuery, {})).rebuild,
      { message: 'the rebuild is begun' },
    );
  }

  /** Waits for the end of the one that runs. */
  ended(): Promise<DirectoryRebuild> {
    return eventually(
      async () => {
        const rebuild = await this.latest();
        return rebuild !== null && rebuild.endedAt !== null && rebuild;
      },
      { timeoutMs: 60_000, message: 'the rebuild has ended' },
    );
  }

  /** @throws where it fails */
  async run(): Promise<DirectoryRebuild> {
    const { id } = await this.start();
    const rebuild = await this.ended();
    if (rebuild.id !== id || rebuild.state !== 'done') throw new Error(JSON.stringify(rebuild));
    return rebuild;
  }
}

/** What differed, without the values. */
export const placesOf = (differences: readonly RebuildDifference[]): string[] =>
  differences.map(({ entity, column }) => `${entity} ${column}`.trim()).toSorted();
