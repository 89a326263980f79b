import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, MessageCounts } from '@herald/contracts';
import { eventually, withoutControls } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLOURS, CommandLine, CURSOR_SHOWN } from './support/command-line.ts';
import { Damage } from './support/damage.ts';
import { Herald } from './support/herald.ts';
import { collectAll, type MailingStatistics, newPhone, type Page, Scenario } from './support/scenario.ts';

type Difference = { readonly mailing?: string; readonly entity?: string; readonly column: string };
type Job = {
  readonly state: string;
  readonly generation: number;
  readonly differences: readonly Difference[];
};
type Generation = { readonly generation: number; readonly state: string; readonly lanes: number };
type Parked = { readonly id: string; readonly model: string; readonly type: string };
type Failure = { readonly error: { readonly code: string } };
type Breakdown = MailingStatistics & {
  readonly breakdown: readonly { readonly value: string; readonly counts: MessageCounts }[];
};

describe('the command line: statistics, read models and parked events', () => {
  let herald: Herald;
  let directory: string;
  let cli: CommandLine;
  let damage: Damage;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'herald-command-line-'));
    herald = await Herald.start({ args: ['--scale', 'stats=2'] });
    const [gateway = ''] = (await herald.describe()).gateway;
    cli = new CommandLine(gateway, directory);
    damage = await Damage.open(herald);
  });
  afterAll(async () => {
    await damage.close();
    await herald.stop();
    await rm(directory, { recursive: true });
  });

  /** A mailing whose messages have all been sent. */
  async function sendTo(count: number): Promise<{ readonly id: string; readonly scenario: Scenario }> {
    const scenario = new Scenario(herald);
    await scenario.registerMany(count);
    const { id } = await scenario.createMailing();
    await scenario.untilAllEnded(id);
    return { id, scenario };
  }
  const untilListed = (tag: string, count: number) =>
    eventually(async () => (await collectAll<Client>(herald, `/clients?tag=${tag}`)).length === count, {
      message: `${count} clients are listed`,
    });
  const generations = async () =>
    (await cli.json<{ items: readonly Generation[] }>(['stats', 'generations'])).last.items;

  it('shows statistics of a past moment, and taken apart', async () => {
    const before = new Date().toISOString();
    const scenario = new Scenario(herald);
    await scenario.registerMany(20);
    const { id } = await scenario.createMailing({ rateLimit: 10 });
    await scenario.untilProviderGot(5);
    const during = new Date().toISOString();
    await scenario.untilAllEnded(id);
    const then = await cli.json<MailingStatistics>(['stats', 'show', id, '--at', during]);
    expect(then).toMatchObject({ code: 0, last: { planned: 20, status: 'running' } });
    const { asOf: _, ...asked } = await herald.api.get<MailingStatistics>(
      `/mailings/${id}/stats?at=${during}`,
    );
    expect(then.last).toMatchObject(asked);
    expect(then.last.counts.sent).toBeLessThan(20);
    const now = await cli.plain(['stats', 'show', id, '--at', 'now']);
    expect(now.stdout).toMatch(new RegExp(`^${id} +completed +20 +0 +20 `, 'm'));
    const tooEarly = await cli.json<Failure>(['stats', 'show', id, '--at', before]);
    expect(tooEarly).toMatchObject({ code: 1, last: { error: { code: 'mailing-not-found' } } });
    type Overview = { readonly items: readonly { readonly mailing: string }[] };
    const overview = await cli.json<Overview>(['stats', 'show', '--at', before]);
    expect(overview.last.items.map(({ mailing }) => mailing)).not.toContain(id);
    for (const [by, value] of [
      ['operatorCode', '900'],
      ['tag', scenario.tag],
      ['timezone', 'UTC'],
      ['hour', '\\d+'],
    ] as const) {
      const show = ['stats', 'show', id, '--by', by];
      const found = await cli.json<Breakdown>(show);
      expect(found.last.breakdown).toMatchObject([{ planned: 20, counts: { sent: 20 } }]);
      expect((await cli.plain(show)).stdout).toMatch(new RegExp(`^${value} +20 +0 +20 `, 'm'));
    }
    expect((await cli.json<Failure>(['stats', 'show', '--by', 'tag'])).code).toBe(2);
  });

  it('verifies the statistics, names what is wrong, and rebuilds them', async () => {
    const { id } = await sendTo(20);
    const verified = await cli.plain(['stats', 'verify']);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout).toMatch(/^differences +none$/m);
    await damage.addSent(id, 7);
    const damaged = await cli.json<Job>(['stats', 'verify']);
    expect(damaged.code).toBe(1);
    expect(damaged.last.differences).toEqual([{ mailing: id, column: 'sent', live: '27', rebuilt: '20' }]);
    expect(await generations()).toHaveLength(1);
    const rebuilt = await cli.plain(['stats', 'rebuild']);
    expect(rebuilt).toMatchObject({ code: 1, stderr: '' });
    expect(rebuilt.stdout).toMatch(new RegExp(`^${id} +sent +27 +20$`, 'm'));
    expect((await cli.json<MailingStatistics>(['stats', 'show', id])).last.counts.sent).toBe(20);
    const again = await cli.json<Job>(['stats', 'rebuild']);
    expect(again).toMatchObject({ code: 0, last: { state: 'done', differences: [] } });
  });

  it('lists generations, goes back to one, and drops it', async () => {
    const before = await generations();
    const served = before.find(({ state }) => state === 'served')?.generation ?? 0;
    const rebuilt = await cli.json<Job>(['stats', 'rebuild', '--lanes', '16']);
    const { generation } = rebuilt.last;
    expect(await generations()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ generation, state: 'served', lanes: 16 }),
        expect.objectContaining({ generation: served, state: 'kept', lanes: 1 }),
      ]),
    );
    const shown = await cli.plain(['stats', 'generations']);
    expect(shown.stdout).toMatch(new RegExp(`^ *${generation} +served +16 +\\d+ .* rebuild$`, 'm'));
    const refused = await cli.plain(['stats', 'drop', String(generation)]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('(generation-served)');
    const used = await cli.plain(['stats', 'use', String(served)]);
    expect(used).toMatchObject({ code: 0, stderr: '' });
    expect(used.stdout).toMatch(/^use +done$/m);
    expect(await cli.json(['stats', 'use', String(generation)])).toMatchObject({ code: 0 });
    for (const { generation: old } of (await generations()).filter(({ state }) => state !== 'served')) {
      const dropped = await cli.json(['stats', 'drop', String(old)]);
      expect(dropped).toMatchObject({ code: 0, last: { generation: old, dropped: true } });
    }
    expect(await generations()).toMatchObject([{ generation, state: 'served' }]);
    const gone = await cli.json<Failure>(['stats', 'drop', String(served)]);
    expect(gone).toMatchObject({ code: 1, last: { error: { code: 'generation-not-found' } } });
  });

  it('rebuilds statistics while nobody answers for them, and the gateway and one of those who do it are killed', async () => {
    await new Scenario(herald).registerMany(10_000);
    const parts = ['stats-1', 'stats-2'];
    for (const part of parts) await herald.signal(part, 'SIGSTOP');
    const terminal = await cli.terminal(['stats', 'rebuild', '--lanes', '1']);
    await terminal.until(/cannot do it at the moment: .*Trying again/);
    for (const part of parts) await herald.signal(part, 'SIGCONT');
    await terminal.until(/ events/);
    for (const part of parts) await herald.signal(part, 'SIGSTOP');
    await herald.killAndAwaitReturn('gateway-1');
    await herald.signal('stats-2', 'SIGCONT');
    await herald.killAndAwaitReturn('stats-1');
    expect(await terminal.exited).toBe(0);
    await terminal.until(/differences.*none/);
    const text = withoutControls(terminal.output());
    expect(text).toMatch(/[█░]{24} +\d+ % \| [\d ]+\/[\d ]+ events/);
    expect(text).toMatch(/events \| .*(cannot do it at the moment|nobody listens there|was lost)/);
    expect(text).toMatch(/rebuild +done\n/);
    expect(terminal.output()).toContain(CURSOR_SHOWN);
    expect((await cli.json(['stats', 'verify'])).code).toBe(0);
  });

  it('rebuilds the directory, and mends what is not as the log says', async () => {
    const { tag } = new Scenario(herald);
    const lines = [`${newPhone()},UTC,${tag}`, `8916,UTC,${tag}`];
    await writeFile(join(directory, 'some.csv'), `phone,timezone,tag\n${lines.join('\n')}\n`);
    const imported = await cli.json<{ id: string }>([
      'clients',
      'import',
      'some.csv',
      '--rejected',
      'bad.csv',
    ]);
    const before = await herald.api.get<object>(`/imports/${imported.last.id}`);
    await untilListed(tag, 1);
    const [client] = await collectAll<Client>(herald, `/clients?tag=${tag}`);
    await damage.changeTag(client?.id ?? '', 'wrong');
    const rebuilt = await cli.plain(['directory', 'rebuild']);
    expect(rebuilt).toMatchObject({ code: 1, stderr: '' });
    expect(rebuilt.stdout).toMatch(new RegExp(`^client ${client?.id} +tag +wrong +${tag}$`, 'm'));
    await untilListed(tag, 1);
    const again = await cli.json<Job>(['directory', 'rebuild']);
    expect(again).toMatchObject({ code: 0, last: { state: 'done', differences: [] } });
    const terminal = await cli.terminal(['directory', 'rebuild']);
    expect(await terminal.exited).toBe(0);
    await terminal.until(/differences.*none/);
    expect(withoutControls(terminal.output())).toMatch(/█{24} 100 % \| [\d ]+\/[\d ]+ events \| .*done/);
    // No event tells of an import: it stays.
    expect(await herald.api.get(`/imports/${imported.last.id}`)).toEqual(before);
    expect(await herald.api.get(`/imports/${imported.last.id}/rejected`)).toBe(
      await readFile(join(directory, 'bad.csv'), 'utf8'),
    );
  });

  it('lists parked events, shows one, and drives them again', async () => {
    expect(await cli.plain(['parked', 'list'])).toMatchObject({ code: 0, stdout: 'No event is parked.\n' });
    const scenario = new Scenario(herald);
    const mend = await damage.refuseClientsWith(scenario.tag);
    const list = async () => (await cli.json<Page<Parked>>(['parked', 'list'])).last.items;
    const first = await scenario.registerOne();
    await scenario.registerOne();
    await eventually(async () => (await list()).length === 4, { message: 'both models have parked both' });
    const parked = await list();
    expect(parked.map(({ model, type }) => `${model} ${type}`).toSorted()).toEqual([
      ...['directory ClientRegistered', 'directory ClientRegistered'],
      ...['stats ClientRegistered', 'stats ClientRegistered'],
    ]);
    const shown = await cli.plain(['parked', 'list']);
    for (const { id, model } of parked)
      expect(shown.stdout).toMatch(
        new RegExp(`^${id} +${model} .* ClientRegistered .*this tag is refused`, 'm'),
      );
    const [one] = parked;
    const text = await cli.plain(['parked', 'show', one?.id ?? '']);
    expect(text.stdout).toContain(first.id);
    const still = await cli.plain(['parked', 'redrive', one?.id ?? '']);
    expect(still).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^0 driven again.*\n1 are parked still/),
    });
    expect(still.stderr).toContain('cannot be folded yet either');
    const terminal = await cli.terminal(['parked', 'list']);
    expect(await terminal.exited).toBe(0);
    expect(terminal.output()).toMatch(COLOURS);

    await mend();
    const driven = await cli.json(['parked', 'redrive', one?.id ?? '']);
    expect(driven).toMatchObject({ code: 0, last: { redriven: [one?.id], failed: [] } });
    const all = await cli.plain(['parked', 'redrive', '--all']);
    expect(all).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^3 driven again/) });
    expect(await list()).toEqual([]);
    await untilListed(scenario.tag, 2);
    expect((await cli.json(['stats', 'verify'])).code).toBe(0);
    expect((await cli.json<Failure>(['parked', 'show', one?.id ?? ''])).last.error.code).toBe(
      'parked-event-not-found',
    );
  });
});
