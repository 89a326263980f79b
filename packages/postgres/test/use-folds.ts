import { EVENTS_STREAM } from '@herald/contracts';
import { createTestDatabase, startTestNats, type TestDatabase, type TestNats } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type FoldHarness, openHarness } from './fold-harness.ts';

export interface FoldTestBed extends Omit<FoldHarness, 'stop'> {
  readonly nats: TestNats;
  readonly databaseUrl: string;
}

/** For the tests of the file that calls it: one broker, and for each test a log and a database of its own. */
export function useFolds(): FoldTestBed {
  let nats: TestNats;
  let database: TestDatabase;
  let harness: FoldHarness;
  beforeAll(async () => {
    nats = await startTestNats();
  });
  afterAll(() => nats.stop());
  beforeEach(async () => {
    database = await createTestDatabase();
    harness = await openHarness(nats.url, database.url);
  });
  afterEach(async () => {
    await harness.broker.manager.streams.delete(EVENTS_STREAM);
    await harness.stop();
    await database.drop();
  });
  return {
    get nats() {
      return nats;
    },
    get databaseUrl() {
      return database.url;
    },
    get broker() {
      return harness.broker;
    },
    get database() {
      return harness.database;
    },
    append: (...texts) => harness.append(...texts),
    appendOfClients: (...texts) => harness.appendOfClients(...texts),
    start: (overrides) => harness.start(overrides),
    seen: () => harness.seen(),
  };
}
