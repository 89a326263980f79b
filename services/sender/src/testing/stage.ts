import { House } from './house.ts';
import { SenderProcesses } from './sender-processes.ts';
import { SimulatorProcess } from './simulator.ts';

/** A house and a provider for one test file. */
export class Stage {
  readonly house: House;
  readonly provider: SimulatorProcess;
  readonly processes: SenderProcesses;

  private constructor(natsUrl: string, house: House, provider: SimulatorProcess) {
    this.house = house;
    this.provider = provider;
    this.processes = new SenderProcesses(house.runtime, natsUrl, provider.url);
  }

  static async open(natsUrl: string): Promise<Stage> {
    return new Stage(natsUrl, await House.open(natsUrl), await SimulatorProcess.start());
  }

  /** Between two tests: no sender, no mailing, a healthy provider that remembers nothing. */
  async clear(): Promise<void> {
    await this.processes.killAll();
    await this.house.stopSenders();
    this.house.forgetMailings();
    this.house.directoryAnswers = true;
    this.house.directoryGate = Promise.resolve();
    this.house.directoryQuestions = 0;
    this.house.clientsAskedFor = 0;
    await this.provider.reset();
  }

  async close(): Promise<void> {
    await this.processes.killAll();
    await this.house.close();
    await this.provider.stop();
  }
}
