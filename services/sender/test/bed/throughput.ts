/**
 * Measures one sender in this process against the simulator: `node throughput.ts <nats url> [messages] [slots]`.
 * Not a test: a figure depends on the machine and on who else works on it.
 */
import { FakeUpstream } from './fake-upstream.ts';
import { SimulatorProcess } from './simulator.ts';

const [natsUrl = 'nats://127.0.0.1:4222', messages = '20000', slots = '64'] = process.argv.slice(2);
const upstream = await FakeUpstream.open(natsUrl);
const provider = await SimulatorProcess.start();
const mailing = await upstream.startMailing({ clients: Number(messages) });
const cpu = process.cpuUsage();
const startedAt = performance.now();
await upstream.sender(provider.url, { concurrency: Number(slots), providerTimeoutMs: 5_000 });
while (!(await upstream.isCompleted(mailing))) await new Promise((resolve) => setTimeout(resolve, 100));
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpu);
const rate = Math.round(Number(messages) / seconds);
const micros = Math.round((user + system) / Number(messages));
process.stdout.write(`${rate} messages/s, ${micros} µs of CPU a message in the sender's process\n`);
await upstream.close();
await provider.stop();
