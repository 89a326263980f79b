import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { Herald } from '../e2e/support/herald.ts';
import { expectAllHeld } from './support/expectations.ts';
import { useTestBed } from './support/test-bed.ts';
import type { Trial } from './support/trial.ts';

/** In one mailing. Together with those in which both die it makes twenty of each. */
const KILLS = 10;

describe('kill -9 of broker and database under load', () => {
  const bed = useTestBed();

  it.each([[['nats-server']], [['postgres']], [['nats-server', 'postgres']]])(
    'loses nobody and repeats nothing when %j die ten times in one mailing',
    async (servers) => {
      const herald = bed.keep(await Herald.start());
      const trial = await bed.begin(herald, `${servers.join(' and ')} killed ${KILLS} times`);
      await herald.provider.behave({ latencyMs: 400 });
      await trial.start(15_000);
      await trial.untilAccepted(200);
      await Promise.all(servers.map((server) => killAgainAndAgain(trial, server)));
      await herald.provider.behaveWell();
      expectAllHeld(await trial.verdict());
    },
  );

  async function killAgainAndAgain(trial: Trial, server: string): Promise<void> {
    for (let count = 0; count < KILLS; count++) {
      await trial.untilProgress(20);
      await sleep(trial.random.between(0, 1_500));
      await trial.kill(server);
    }
  }
});
