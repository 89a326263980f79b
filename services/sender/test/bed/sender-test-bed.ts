import { startTestNats, type TestNats } from '@herald/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { FakeUpstream } from './fake-upstream.ts';
import { SenderProcesses } from './sender-processes.ts';
import { SimulatorProcess } from './simulator.ts';

/** What the tests of one file share. Each of its parts is there as soon as the first test runs. */
export interface SenderTestBed {
  readonly nats: TestNats;
  readonly upstream: FakeUpstream;
  readonly provider: SimulatorProcess;
  readonly processes: SenderProcesses;
}

/** Brings up a broker, a upstream and a provider for the tests of the file that calls it, and takes them down again. */
export function useSenderTestBed(): SenderTestBed {
  let bed: SenderTestBed | undefined;
  const opened = (): SenderTestBed => {
    if (bed === undefined) throw new Error('the bed is opened before the first test');
    return bed;
  };
  beforeAll(async () => {
    bed = await open();
  });
  afterEach(() => clear(opened()));
  afterAll(() => bed && close(bed));
  return {
    get nats() {
      return opened().nats;
    },
    get upstream() {
      return opened().upstream;
    },
    get provider() {
      return opened().provider;
    },
    get processes() {
      return opened().processes;
    },
  };
}

async function open(): Promise<SenderTestBed> {
  const nats = await startTestNats();
  try {
    const [upstream, provider] = [await FakeUpstream.open(nats.url), await SimulatorProcess.start()];
    return {
      nats,
      upstream,
      provider,
      processes: new SenderProcesses(upstream.runtime, nats.url, provider.url),
    };
  } catch (error) {
    await nats.stop();
    throw error;
  }
}

/** Between two tests: no sender, no mailing, a healthy provider that remembers nothing. */
async function clear({ upstream, provider, processes }: SenderTestBed): Promise<void> {
  await processes.killAll();
  await upstream.stopSenders();
  upstream.forgetMailings();
  upstream.directoryAnswers = true;
  upstream.directoryGate = Promise.resolve();
  upstream.directoryQuestions = 0;
  upstream.clientsAskedFor = 0;
  await provider.reset();
}

async function close({ nats, upstream, provider, processes }: SenderTestBed): Promise<void> {
  await processes.killAll();
  await upstream.close();
  await provider.stop();
  await nats.stop();
}
