import { afterEach } from 'vitest';
import type { Herald } from '../../e2e/support/herald.ts';
import { Trial } from './trial.ts';

type Stoppable = { stop(): Promise<void> };

/** What the tests of a file bring up: taken down again after each of them, also when it failed. */
export type TestBed = {
  /** To be stopped after the test, the last one first. */
  keep<Part extends Stoppable>(part: Part): Part;
  begin(herald: Herald, title: string): Promise<Trial>;
};

export function useTestBed(): TestBed {
  const parts: Stoppable[] = [];
  afterEach(async () => {
    const failures: unknown[] = [];
    for (const part of parts.splice(0).reverse()) await part.stop().catch((error) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be taken down');
  });
  const keep = <Part extends Stoppable>(part: Part): Part => {
    parts.push(part);
    return part;
  };
  return {
    keep,
    begin: async (herald, title) => {
      const trial = await Trial.begin(herald, title);
      keep({ stop: () => trial.end() });
      return trial;
    },
  };
}
