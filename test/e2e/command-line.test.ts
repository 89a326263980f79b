import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, Mailing, Message } from '@herald/contracts';
import { withoutControls } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLOURS, CommandLine, CURSOR_SHOWN } from './support/command-line.ts';
import { Herald } from './support/herald.ts';
import {
  type ImportResult,
  type MailingStatistics,
  newPhone,
  type Page,
  Scenario,
} from './support/scenario.ts';

type Failure = { readonly error: { readonly code: string; readonly clientId?: string } };

const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('the command line', () => {
  let herald: Herald;
  let directory: string;
  let cli: CommandLine;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'herald-command-line-'));
    herald = await Herald.start();
    const { gateway } = await herald.describe();
    cli = new CommandLine(gateway[0] ?? '', directory);
  });
  afterAll(async () => {
    await herald.stop();
    await rm(directory, { recursive: true });
  });

  const untilListed = (tag: string, count: number) =>
    expect
      .poll(
        async () =>
          (await cli.json<Page<Client>>(['clients', 'list', '--tag', tag, '--limit', '1000'])).last.items
            .length,
        {
          timeout: 10_000,
        },
      )
      .toBe(count);
  /** A file of so many clients under a tag. */
  async function writeClients(name: string, tag: string, count: number, more = ''): Promise<void> {
    const lines = Array.from({ length: count }, () => `${newPhone()},UTC,${tag}`);
    await writeFile(join(directory, name), `phone,timezone,tag\n${lines.join('\n')}\n${more}`);
  }
  const create = (tag: string, ...more: readonly string[]) => [
    ...['mailing', 'create', '--text', `Hello ${tag}`, '--end', '+1h', '--tag', tag, ...more],
  ];

  it('adds, shows, lists and removes a client', async () => {
    const { tag } = new Scenario(herald);
    const phone = newPhone('916');
    const add = ['clients', 'add', '--phone', phone, '--timezone', 'Europe/Moscow', '--tag', tag];
    const { code, last: made, all } = await cli.json<Client>(add);
    expect({ code, documents: all.length }).toEqual({ code: 0, documents: 1 });
    expect(made).toMatchObject({ phone, operatorCode: '916', tag, timezone: 'Europe/Moscow', version: 1 });
    expect(await herald.api.get(`/clients/${made.id}`)).toEqual(made);
    await untilListed(tag, 1);
    for (const reference of [made.id, phone]) {
      expect((await cli.json(['clients', 'show', reference])).last).toEqual(made);
      expect((await cli.run(['clients', 'show', reference])).stdout).toContain(`phone          ${phone}\n`);
    }
    expect((await cli.run(['clients', 'list', '--phone', phone])).stdout).toContain(
      `${made.id}  ${phone}  916`,
    );
    const twice = await cli.json<Failure>(add);
    expect(twice).toMatchObject({ code: 1, last: { error: { code: 'phone-taken', clientId: made.id } } });
    const removed = await cli.run(['clients', 'remove', made.id]);
    expect(removed).toMatchObject({ code: 0, stdout: `Client ${made.id} is removed.\n`, stderr: '' });
    expect((await cli.json<Failure>(['clients', 'show', made.id])).last.error.code).toBe('client-not-found');
  });

  it('names the fields that do not fit, in words and in a document', async () => {
    const add = ['clients', 'add', '--phone', '123', '--timezone', 'Mars/Base'];
    const run = await cli.run(add);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/\(validation-failed\)\.\n {2}phone must be .*\n {2}timezone must be /);
    expect((await cli.json(add)).last).toMatchObject({
      error: { status: 422, errors: [{ path: '/phone' }, { path: '/timezone' }] },
    });
  });

  it('imports a file, shows what was rejected, and saves it', async () => {
    const { tag } = new Scenario(herald);
    await writeClients('some.csv', tag, 3, `123,UTC,${tag}\n`);
    const run = await cli.run(['clients', 'import', 'some.csv', '--rejected', 'bad.csv']);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^ +5 +phone: must be 7 followed by ten digits$/m);
    expect(run.stdout).toMatch(/^registered +3$/m);
    expect(await readFile(join(directory, 'bad.csv'), 'utf8')).toContain('must be 7 followed by ten digits');
    const again = await cli.json<ImportResult>(['clients', 'import', 'some.csv', '--on-duplicate', 'update']);
    expect(again).toMatchObject({ code: 1, last: { received: 4, registered: 0, updated: 3, rejected: 1 } });
    await untilListed(tag, 3);
    const text = `{"phone":"${newPhone()}","timezone":"UTC","tag":"${tag}"}\n`;
    const piped = await cli.run(['clients', 'import', '-', '--format', 'ndjson'], text);
    expect(piped).toMatchObject({ code: 0, stderr: '' });
    await untilListed(tag, 4);
  });

  it('shows a bar while a file is imported in a terminal', async () => {
    const { tag } = new Scenario(herald);
    await writeClients('many.csv', tag, 20_000);
    const terminal = await cli.terminal(['clients', 'import', 'many.csv']);
    expect(await terminal.exited).toBe(0);
    await terminal.until(/rejected.*0/);
    const text = withoutControls(terminal.output());
    expect(text).toMatch(/[█░]{24} +\d+ % \| [\d ]+\/20 000 lines \|/);
    expect(text).toMatch(/█{24} 100 % \| 20 000\/20 000 lines/);
    expect(text).toMatch(/registered +20 000/);
    expect(terminal.output()).toContain(CURSOR_SHOWN);
  });

  it('previews, creates, pauses, resumes, shows and deletes a mailing', async () => {
    const scenario = new Scenario(herald);
    const { tag } = scenario;
    await scenario.registerMany(100);
    await untilListed(tag, 100);
    const preview = await cli.json(['mailing', 'preview', '--tag', tag]);
    expect(preview.last).toEqual({ clients: 100, byTimezone: { UTC: 100 } });
    expect((await cli.run(['mailing', 'preview', '--tag', tag])).stdout).toMatch(/^UTC +100$/m);
    const { last: made } = await cli.json<Mailing>(
      create(tag, '--name', `Named ${tag}`, '--rate-limit', '10'),
    );
    await scenario.untilStatus(made.id, 'running');
    const paused = await cli.json<Mailing>(['mailing', 'pause', made.id]);
    expect(paused).toMatchObject({ code: 0, last: { id: made.id, status: 'paused' } });
    const refused = await cli.run(['mailing', 'pause', made.id]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('this one is paused (mailing-not-running).');
    await expect
      .poll(async () => (await cli.run(['mailing', 'list', '--status', 'paused'])).stdout)
      .toMatch(new RegExp(`^${made.id} +paused .*tags "${tag}" +Named ${tag}$`, 'm'));
    expect((await cli.run(['mailing', 'resume', made.id])).stdout).toMatch(/^status +running$/m);
    const shown = await cli.json<Mailing & MailingStatistics>(['mailing', 'show', made.id]);
    expect(shown.last).toMatchObject({ id: made.id, status: 'running', planned: 100 });
    expect((await cli.run(['mailing', 'delete', made.id])).code).toBe(0);
    const watched = await cli.json<MailingStatistics>(['mailing', 'watch', made.id]);
    expect(watched).toMatchObject({ code: 0, last: { status: 'deleted', counts: { queued: 0 } } });
    expect(watched.last.counts.sent + watched.last.counts.cancelled).toBe(100);
    expect((await cli.json<Failure>(['mailing', 'show', made.id])).last.error.code).toBe('mailing-not-found');
  });

  it('watches a mailing in a terminal, with a bar, a rate and the time left', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(300);
    await untilListed(scenario.tag, 300);
    const terminal = await cli.terminal(create(scenario.tag, '--rate-limit', '100', '--watch'));
    expect(await terminal.exited).toBe(0);
    await terminal.until(/UNKNOWN.*\r\n.*completed/);
    const text = withoutControls(terminal.output());
    expect(text).toMatch(/█+░+ +\d+ % \| \d+\/300 messages \| \d+\/s \| \d+ s left \| running/);
    expect(text).toMatch(/█{24} 100 % \| 300\/300 messages/);
    expect(text).toMatch(/completed +300 +0 +300/);
    expect(terminal.output()).toMatch(COLOURS);
    expect(terminal.output()).toContain(CURSOR_SHOWN);
  });

  it('gives the terminal back at Ctrl-C, and lets the mailing go on', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(50);
    const { id } = await scenario.createMailing({ rateLimit: 10 });
    const terminal = await cli.terminal(['mailing', 'watch', id]);
    await terminal.until(/messages/);
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(130);
    await terminal.until(/Stopped/);
    expect(terminal.output().lastIndexOf(CURSOR_SHOWN)).toBeGreaterThan(
      terminal.output().lastIndexOf('\u001b[?25l'),
    );
    expect((await scenario.untilAllEnded(id)).counts.sent).toBe(50);
  });

  it('goes on watching while the gateway is killed and comes back', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(100);
    const { id } = await scenario.createMailing({ rateLimit: 20 });
    const terminal = await cli.terminal(['mailing', 'watch', id]);
    await terminal.until(/\/100 messages/);
    await herald.killAndAwaitReturn('gateway-1');
    expect(await terminal.exited).toBe(0);
    await terminal.until(/UNKNOWN.*\r\n.*completed/);
    expect(withoutControls(terminal.output())).toMatch(/completed +100 +0 +100/);
  });

  it('shows messages and statistics', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(5);
    const { id } = await scenario.createMailing({ name: `Five ${scenario.tag}` });
    const ended = await scenario.untilAllEnded(id);
    const messages = await cli.json<Page<Message>>(['mailing', 'messages', id, '--limit', '3']);
    expect(messages.last.items).toEqual((await scenario.messagesOf(id)).slice(0, 3));
    const next = ['mailing', 'messages', id, '--cursor', messages.last.nextCursor ?? ''];
    const rest = await cli.run([...next, '--status', 'sent']);
    expect(rest.stdout.trim().split('\n')).toHaveLength(3);
    expect(rest.stdout).toMatch(/^ *\d+ +[0-9a-f-]{36} +sent +\S+ \S+ +1$/m);
    const one = await cli.json<MailingStatistics>(['stats', 'show', id]);
    expect(one.last).toMatchObject({ mailing: id, planned: 5, counts: ended.counts });
    expect((await cli.run(['stats', 'show', id])).stdout).toMatch(/^retries +0$/m);
    const all = await cli.run(['stats', 'show', '--status', 'completed']);
    expect(all.stdout).toMatch(new RegExp(`^Five ${scenario.tag} +completed +5 +0 +5`, 'm'));
    expect(all.stdout).toMatch(/^all mailings +[\d ]+/m);
    const { last: overview } = await cli.json<{ totals: object }>(['stats', 'show']);
    expect(overview.totals).toMatchObject({ failed: 0 });
  });

  it('shows the state of all parts, once and live', async () => {
    const { last } = await cli.json<{ services: Record<string, unknown[]> }>(['monitor']);
    const names = ['gateway', 'mailing', 'scheduler', 'sender', 'stats'];
    expect(Object.keys(last.services).sort()).toEqual(names);
    const { stdout } = await cli.run(['monitor']);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +${name}-1 +ready`, 'm'));
    const terminal = await cli.terminal(['monitor', '--every', '1']);
    await terminal.until(/sender-1/);
    terminal.type('q');
    expect(await terminal.exited).toBe(0);
  });

  it('writes no control characters where no terminal is', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(20);
    const watched = await cli.plain(create(scenario.tag, '--watch', '--rate-limit', '10'));
    expect(watched.code).toBe(0);
    const id = /^id +(\S+)$/m.exec(watched.stdout)?.[1] ?? '';
    const runs = await Promise.all(
      [
        ['clients', 'list'],
        ['clients', 'show', NOBODY],
        ['mailing', 'list'],
        ['mailing', 'show', id],
        ['mailing', 'messages', id],
        ['stats', 'show'],
        ['stats', 'show', id],
        ['monitor'],
        ['nonsense'],
      ].map((args) => cli.plain(args)),
    );
    expect(runs.map(({ code }) => code)).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 2]);
  });

  it('shows every reading command in a terminal, painted, unless NO_COLOR says not to', async () => {
    const scenario = new Scenario(herald);
    const { id: clientId } = await scenario.registerOne();
    const { id } = await scenario.createMailing();
    await scenario.untilAllEnded(id);
    const commands = [
      ['clients', 'list', '--tag', scenario.tag],
      ['clients', 'show', clientId],
      ['mailing', 'preview', '--tag', scenario.tag],
      ['mailing', 'list'],
      ['mailing', 'show', id],
      ['mailing', 'messages', id],
      ['mailing', 'watch', id],
      ['stats', 'show'],
      ['stats', 'show', id],
      ['monitor', '--once'],
    ];
    for (const [environment, isPainted] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      for (const args of commands) {
        const terminal = await cli.terminal(args, environment);
        expect(await terminal.exited).toBe(0);
        // A head and a row: an empty answer would be no test.
        await terminal.until(/\n[^\n]*\n/);
        expect([args, COLOURS.test(terminal.output())]).toEqual([args, isPainted]);
      }
    }
  });

  it('writes documents, and nothing else, in a terminal, too', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(10);
    const terminal = await cli.terminal([...create(scenario.tag, '--watch'), '--json']);
    expect(await terminal.exited).toBe(0);
    await terminal.until(/"status":"completed"[^\n]*\n/);
    const lines = terminal.output().trim().split('\r\n');
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
  });
});
