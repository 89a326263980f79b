import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { House } from './house.ts';
import { SenderProcesses } from './sender-processes.ts';
import { SimulatorProcess } from './simulator.ts';

/** What the tests of one file share. Each of its parts is there as soon as the first test runs. */
export interface Stage {
  readonly nats: TestNats;
  readonly house: House;
  readonly provider: SimulatorProcess;
  readonly processes: SenderProcesses;
}

/** Brings up a broker, a house and a provider for the tests of the file that calls it, and takes them down again. */
export function useStage(): Stage {
  let stage: Stage | undefined;
  const opened = (): Stage => {
    if (stage === undefined) throw new Error('the stage is opened before the first test');
    return stage;
  };
  beforeAll(async () => {
    stage = await open();
  });
  afterEach(() => clear(opened()));
  afterAll(() => stage && close(stage));
  return {
    get nats() {
      return opened().nats;
    },
    get house() {
      return opened().house;
    },
    get provider() {
      return opened().provider;
    },
    get processes() {
      return opened().processes;
    },
  };
}

async function open(): Promise<Stage> {
  const nats = await startTestNats();
  try {
    const [house, provider] = [await House.open(nats.url), await SimulatorProcess.start()];
    return { nats, house, provider, processes: new SenderProcesses(house.runtime, nats.url, provider.url) };
  } catch (error) {
    await nats.stop();
    throw error;
  }
}

/** Between two tests: no sender, no mailing, a healthy provider that remembers nothing. */
async function clear({ house, provider, processes }: Stage): Promise<void> {
  await processes.killAll();
  await house.stopSenders();
  house.forgetMailings();
  house.directoryAnswers = true;
  house.directoryGate = Promise.resolve();
  house.directoryQuestions = 0;
  house.clientsAskedFor = 0;
  await provider.reset();
}

async function close({ nats, house, provider, processes }: Stage): Promise<void> {
  await processes.killAll();
  await house.close();
  await provider.stop();
  await nats.stop();
}
