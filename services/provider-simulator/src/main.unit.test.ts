import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function run(environment: Record<string, string> = {}, withChannel = false): ChildProcess {
  const env = { ...process.env, LOG_LEVEL: 'info', ...environment };
  const child = withChannel
    ? fork(MAIN, { env, silent: true, execArgv: [] })
    : spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new Error('the process has no stdout');
  for await (const line of createInterface(child.stdout)) return JSON.parse(line);
  throw new Error('the process said nothing');
}

function send(url: unknown, id: number): Promise<Response> {
  return fetch(`${url}/v1/send/${id}`, {
    method: 'POST',
    headers: { authorization: 'Bearer local-token' },
    body: JSON.stringify({ id, phone: 79_161_234_567, text: 'Hello' }),
  });
}

describe('the provider simulator as a process', { timeout: 20_000 }, () => {
  it('says where it listens', async () => {
    const line = await firstLine(run({ INSTANCE: 'one' }));
    expect(line).toMatchObject({
      level: 'info',
      service: 'provider-simulator',
      instance: 'one',
      msg: 'provider simulator is listening',
    });
    expect((await send(line.url, 1)).status).toBe(200);
    expect((await fetch(`${line.controlUrl}/healthz`)).status).toBe(200);
  });

  it('refuses a wrong configuration by its name', async () => {
    const child = run({ CONTROL_PORT: 'seven' });
    const exited = once(child, 'exit');
    expect(await firstLine(child)).toMatchObject({
      level: 'fatal',
      msg: 'the configuration is wrong: CONTROL_PORT: must be a port number',
    });
    expect(await exited).toEqual([2, null]);
  });

  it('knows after a kill what it had accepted before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'provider-simulator-'));
    try {
      const environment = { PROVIDER_JOURNAL_FILE: join(folder, 'journal.ndjson') };
      const killed = run(environment);
      const { url } = await firstLine(killed);
      await Promise.all([1, 2, 3].map((id) => send(url, id)));
      killed.kill('SIGKILL');
      await once(killed, 'exit');

      const { url: newUrl } = await firstLine(run(environment));
      expect((await send(newUrl, 2)).status).toBe(200);
      const summary = await (await fetch(`${newUrl}/journal/summary`)).json();
      expect(summary).toMatchObject({ requests: 4, distinctAccepted: 3, repeatedAccepted: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('exits cleanly on %s, also when it comes again', async (signal) => {
    const child = run();
    const exited = once(child, 'exit');
    const { url } = await firstLine(child);
    await fetch(`${url}/control`, { method: 'PUT', body: '{"rules":[{"fault":{"kind":"hang"}}]}' });
    send(url, 1).catch(() => undefined);
    await sleep(50);
    child.kill(signal);
    await sleep(50);
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
  });

  it('exits when its launcher is gone', async () => {
    const child = run({}, true);
    const exited = once(child, 'exit');
    await firstLine(child);
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
