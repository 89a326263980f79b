import { inject } from 'vitest';

/** What the run's global setup has prepared for its test files. Plain data: it crosses a process border. */
export type TestInfrastructure = {
  readonly nats: NatsRoad;
  /** A superuser's URL of the PostgreSQL of this run. */
  readonly postgresUrl: string;
  /** Temporary data of the run; removed at its end. */
  readonly directory: string;
};

export type NatsRoad =
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'image'; readonly image: string };

declare module 'vitest' {
  interface ProvidedContext {
    testInfrastructure: TestInfrastructure;
  }
}

/** @throws outside of the projects which name testkit's global setup. */
export function testInfrastructure(): TestInfrastructure {
  const infrastructure = inject('testInfrastructure');
  if (infrastructure === undefined) {
    throw new Error('Real servers are there in integration tests only: call the file `*.int.test.ts`.');
  }
  return infrastructure;
}
