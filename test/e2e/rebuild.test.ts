import type { Client, DirectoryRebuild, Mailing } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { newPhone, type Page, Scenario } from './support/scenario.ts';

const CLIENTS = 4_000;
const REBUILD = '/admin/directory/rebuild';

describe('the directory is rebuilt', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start({ args: ['--scale', 'mailing=2', '--scale', 'sender=2'] });
  });
  afterAll(() => herald.stop());

  const start = () => herald.api.expect<DirectoryRebuild>('POST', REBUILD);
  const ended = ({ id }: DirectoryRebuild): Promise<DirectoryRebuild> =>
    eventually(
      async () => {
        const rebuild = await herald.api.get<DirectoryRebuild>(REBUILD);
        return rebuild.id === id && rebuild.endedAt !== null && rebuild;
      },
      { timeoutMs: 60_000, everyMs: 50, message: 'the rebuild has ended' },
    );

  /** Registers, changes and reads clients until the answer is called; it answers how often, and what was not as it should be. */
  function useDirectory(scenario: Scenario): () => Promise<{ writes: number; wrong: string[] }> {
    const stopping = new AbortController();
    const wrong: string[] = [];
    let writes = 0;
    const run = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const body = { phone: newPhone('901'), timezone: 'UTC', tag: `${scenario.tag} meanwhile` };
        const made = await herald.api.call<Client>('POST', '/clients', { body });
        if (made.status !== 201) wrong.push(`POST ${made.status} ${JSON.stringify(made.body)}`);
        const changed = await herald.api.call<Client>('PATCH', `/clients/${made.body.id}`, {
          body: { timezone: 'Europe/Moscow' },
        });
        if (changed.status !== 200) wrong.push(`PATCH ${changed.status} ${JSON.stringify(changed.body)}`);
        const list = await herald.api.call<Page<Client>>('GET', `/clients?tag=${scenario.tag}&limit=5`);
        if (list.status !== 200 || list.body.items.length !== 5)
          wrong.push(`GET ${list.status} ${JSON.stringify(list.body)}`);
        writes += 2;
      }
    };
    const running = Promise.all([run(), run()]);
    // What fails there is met where it is awaited.
    running.catch(() => undefined);
    return async () => {
      stopping.abort();
      await running;
      return { writes, wrong };
    };
  }

  const expectOncePerClient = async (scenario: Scenario, phones: readonly string[]): Promise<void> => {
    const journal = await scenario.journal();
    const delivered = journal.filter(({ accepted }) => accepted);
    expect(delivered).toHaveLength(phones.length);
    expect(new Set(delivered.map(({ messageId }) => messageId)).size).toBe(phones.length);
    expect(delivered.map(({ phone }) => String(phone)).toSorted()).toEqual([...phones].toSorted());
  };

  it('while a mailing runs: every message is delivered once, no write fails, and others start meanwhile', async () => {
    const scenario = new Scenario(herald);
    expect((await herald.api.call('GET', REBUILD)).status).toBe(404);
    const phones = await scenario.registerMany(CLIENTS);
    await herald.provider.behave({ latencyMs: 60 });
    const mailing = await scenario.createMailing();
    await scenario.untilProviderGot(100);
    const end = useDirectory(scenario);
    const second = new Scenario(herald);
    const fewer = await second.registerMany(300);
    let started: Mailing | undefined;
    for (let rebuild = 0; rebuild < 3; rebuild += 1) {
      const first = await start();
      started ??= await second.createMailing();
      const done = await ended(first);
      expect(done).toMatchObject({ state: 'done', differencesFound: 0, differences: [], error: null });
      expect(done.events).toBeGreaterThanOrEqual(CLIENTS);
    }
    const { writes, wrong } = await end();
    expect(wrong).toEqual([]);
    expect(writes).toBeGreaterThan(10);
    expect(await scenario.untilAllEnded(mailing.id)).toMatchObject({
      planned: CLIENTS,
      counts: { sent: CLIENTS },
    });
    expect(await second.untilAllEnded(started?.id ?? '')).toMatchObject({
      planned: 300,
      counts: { sent: 300 },
    });
    await expectOncePerClient(scenario, phones);
    await expectOncePerClient(second, fewer);
    await herald.provider.behaveWell();
  });

  it('by another instance when the one that does it is killed, and a mailing is delivered all the same', async () => {
    const scenario = new Scenario(herald);
    const phones = await scenario.registerMany(CLIENTS);
    await herald.provider.behave({ latencyMs: 40 });
    const mailing = await scenario.createMailing();
    const rebuild = await start();
    await eventually(async () => (await herald.api.get<DirectoryRebuild>(REBUILD)).state === 'folding', {
      everyMs: 5,
      message: 'it folds',
    });
    for (const part of ['mailing-1', 'mailing-2']) await herald.killAndAwaitReturn(part);
    expect(await ended(rebuild)).toMatchObject({
      id: rebuild.id,
      state: 'done',
      differences: [],
      error: null,
    });
    expect(await scenario.untilAllEnded(mailing.id, 60_000)).toMatchObject({ counts: { sent: CLIENTS } });
    await expectOncePerClient(scenario, phones);
    await herald.provider.behaveWell();
  });
});
