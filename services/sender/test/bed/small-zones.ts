import { FakeUpstream } from './fake-upstream.ts';
import { makeClients, type PlayedMailing } from './played-mailing.ts';
import { SimulatorProcess } from './simulator.ts';

/**
 * Measures what small batches cost one sender in this process: the same clients in batches of 250, and of five, as 400
 * time zones make them: `node small-zones.ts <nats url> [clients] [latency ms] [rounds]`. Not a test: a figure depends
 * on the machine and on who else works on it; the ratio of one run says more.
 */
const [natsUrl = 'nats://127.0.0.1:4222', clients = '2000', latency = '0', rounds = '3'] =
  process.argv.slice(2);
const upstream = await FakeUpstream.open(natsUrl);
const provider = await SimulatorProcess.start();
await provider.behave({ latencyMs: Number(latency) });
const sender = await upstream.sender(provider.url, { concurrency: 64, providerTimeoutMs: 5_000 });

async function run(batchSize: number): Promise<{ ms: number; requests: number }> {
  const mailing = await prepare(batchSize);
  const completed = Promise.withResolvers<void>();
  let count = 0;
  upstream.runtime.broker.connection.subscribe(`events.*.entity.batch.${mailing.id}.*`, {
    max: mailing.batches,
    callback: () => {
      count += 1;
      if (count === mailing.batches) completed.resolve();
    },
  });
  const before = sender.broker.connection.stats().outMsgs;
  const startedAt = performance.now();
  await upstream.resume(mailing.id);
  await completed.promise;
  const ms = performance.now() - startedAt;
  await sleep(300);
  const requests = sender.broker.connection.stats().outMsgs - before;
  await upstream.change(mailing.id, 'MailingSettled', { settledAt: new Date().toISOString() });
  upstream.forgetMailings();
  await sleep(300);
  return { ms, requests: (requests - Number(clients)) / mailing.batches };
}

/** Paused until all its batches are there, so that only the delivery is measured. */
async function prepare(batchSize: number): Promise<PlayedMailing> {
  const everybody = makeClients(Number(clients));
  const mailing = await upstream.startMailing({ clients: everybody, batchSize, paused: true });
  await sleep(500);
  return mailing;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
await run(250);
const ratios: number[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const big = await run(250);
  const small = await run(5);
  ratios.push(small.ms / big.ms);
  say(
    `250 a batch: ${big.ms.toFixed(0)} ms; 5 a batch: ${small.ms.toFixed(0)} ms, ${(small.ms / big.ms).toFixed(2)} times; ` +
      `sent a batch beside its outcomes: ${big.requests.toFixed(1)}, ${small.requests.toFixed(1)}`,
  );
}
say(`median ratio ${ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]?.toFixed(2)}`);
await upstream.close();
await provider.stop();
