import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, Mailing, Message } from '@herald/contracts';
import { eventually, withoutControls } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLOURS, CommandLine, CURSOR_SHOWN } from './support/command-line.ts';
import { Herald } from './support/herald.ts';
import {
  collectAll,
  type ImportResult,
  inMs,
  type MailingStatistics,
  newPhone,
  type Page,
  Scenario,
} from './support/scenario.ts';

type Failure = { readonly error: { readonly code: string } };
type Event = { readonly position: number; readonly type: string };
type Saved = { readonly file: string; readonly lines: number };

/** What files and spreadsheets stumble over. */
const TAGS = ['', 'a, "b"', '=1+1', 'приве́т 🎉', "it's"];
const STREAM = '/api/v1/mailings/{id}/stream';

describe('the command line: files, messages and the log', () => {
  let herald: Herald;
  let directory: string;
  let gateway: string;
  let cli: CommandLine;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'herald-command-line-'));
    herald = await Herald.start();
    [gateway = ''] = (await herald.describe()).gateway;
    cli = new CommandLine(gateway, directory);
  });
  afterAll(async () => {
    await herald.stop();
    await rm(directory, { recursive: true });
  });

  const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8');
  const sorted = (file: string): readonly string[] => file.split(/\r?\n/).toSorted();
  const untilListed = (query: string, count: number) =>
    eventually(async () => (await collectAll<Client>(herald, `/clients?${query}`)).length === count, {
      message: `${count} clients are listed`,
    });
  /** A mailing whose messages have all been sent. */
  async function sendTo(count: number): Promise<{ readonly id: string; readonly scenario: Scenario }> {
    const scenario = new Scenario(herald);
    await scenario.registerMany(count);
    const { id } = await scenario.createMailing();
    await scenario.untilAllEnded(id);
    return { id, scenario };
  }
  /** What a command that saves a file does in a terminal. */
  async function saveInTerminal(args: readonly string[], file: string): Promise<void> {
    const terminal = await cli.terminal([...args, '-o', file]);
    expect(await terminal.exited).toBe(0);
    await terminal.until(/lines, .*B\.\r\n/);
    expect(withoutControls(terminal.output())).toMatch(/[\d ]+ lines \| .*B/);
    expect(terminal.output()).toContain(CURSOR_SHOWN);
  }

  it.each(['csv', 'ndjson'])('exports clients as %s, and imports them again unchanged', async (format) => {
    const operatorCode = format === 'csv' ? '981' : '982';
    for (const tag of TAGS) {
      const body = { phone: newPhone(), timezone: 'Europe/Moscow', operatorCode, tag };
      await herald.api.expect('POST', '/clients', { body });
    }
    await untilListed(`operatorCode=${operatorCode}`, TAGS.length);
    const file = `clients.${format}`;
    const exporting = ['clients', 'export', '--operator-code', operatorCode, '--format', format];
    const saved = await cli.json<Saved>([...exporting, '-o', file]);
    expect(saved).toMatchObject({ code: 0, last: { file } });
    expect(saved.last.lines).toBe(format === 'csv' ? TAGS.length + 1 : TAGS.length);
    const before = await read(file);
    expect(await cli.run(exporting)).toEqual({ code: 0, stdout: before, stderr: '' });
    await saveInTerminal(exporting, 'again');
    expect(await read('again')).toBe(before);

    for (const { id } of await collectAll<Client>(herald, `/clients?operatorCode=${operatorCode}`))
      expect((await cli.plain(['clients', 'remove', id])).code).toBe(0);
    await untilListed(`operatorCode=${operatorCode}`, 0);
    const imported = await cli.plain(['clients', 'import', file]);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(new RegExp(`^registered +${TAGS.length}$`, 'm'));
    await untilListed(`operatorCode=${operatorCode}`, TAGS.length);
    // The ids are others, and so is the order.
    expect(sorted((await cli.run(exporting)).stdout)).toEqual(sorted(before));
  });

  it('tries a file first, saves what would be rejected, and imports it when it is mended', async () => {
    const { tag } = new Scenario(herald);
    const lines = [`${newPhone()},UTC,${tag}`, `8916,UTC,${tag}`, `${newPhone()},Mars,${tag}`];
    await writeFile(join(directory, 'some.csv'), `phone,timezone,tag\n${lines.join('\n')}\n`);
    const importing = ['clients', 'import', 'some.csv', '--rejected', 'bad.csv'];
    const tried = await cli.json<ImportResult>([...importing, '--dry-run']);
    expect(tried).toMatchObject({ code: 1, last: { dryRun: true, registered: 1, rejected: 2 } });
    const rejected = await read('bad.csv');
    const terminal = await cli.terminal([...importing, '--dry-run']);
    expect(await terminal.exited).toBe(1);
    await terminal.until(/would be registered.*1\r\n/);
    expect(await collectAll<Client>(herald, `/clients?tag=${tag}`)).toEqual([]);

    const run = await cli.plain(importing);
    expect(run).toMatchObject({ code: 1, stderr: 'The rejected lines are in bad.csv.\n' });
    expect(run.stdout).toMatch(/^registered +1$/m);
    expect(await read('bad.csv')).toBe(rejected);
    await writeFile(
      join(directory, 'bad.csv'),
      rejected.replace('8916', newPhone()).replace(',Mars,', ',UTC,'),
    );
    const mended = await cli.json<ImportResult>(['clients', 'import', 'bad.csv']);
    expect(mended).toMatchObject({ code: 0, last: { registered: 2, rejected: 0 } });
    await untilListed(`tag=${tag}`, 3);
  });

  it('changes a client and a mailing, and shows what the client was sent', async () => {
    const scenario = new Scenario(herald);
    const { id: clientId, phone } = await scenario.registerOne();
    const tag = `${scenario.tag}-changed`;
    await untilListed(`tag=${scenario.tag}`, 1);
    const changed = await cli.plain(['clients', 'change', phone, '--tag', tag, '--timezone', '+03:00']);
    expect(changed).toMatchObject({ code: 0, stderr: '' });
    expect(changed.stdout).toMatch(new RegExp(`^tag +${tag}$`, 'm'));
    const late = await cli.json<Failure>(['clients', 'change', clientId, '--no-tag', '--if-version', '1']);
    expect(late).toMatchObject({ code: 1, last: { error: { code: 'version-mismatch' } } });
    await untilListed(`tag=${tag}`, 1);

    const { id } = await scenario.createMailing({ startAt: inMs(3_600_000), endAt: inMs(7_200_000) });
    const change = ['mailing', 'change', id, '--start', 'now', '--tag', tag, '--name', 'Changed'];
    expect(await cli.json<Mailing>(change)).toMatchObject({
      code: 0,
      last: { name: 'Changed', filter: { tags: [tag] }, version: 2 },
    });
    await scenario.untilAllEnded(id);
    expect((await cli.plain(['mailing', 'change', id, '--no-name'])).stderr).toContain('(mailing-');

    const sent = await cli.json<Page<Message>>(['clients', 'messages', clientId]);
    expect(sent.last.items).toMatchObject([{ mailingId: id, status: 'sent' }]);
    const messageId = String(sent.last.items[0]?.id);
    const listed = await cli.plain(['clients', 'messages', phone]);
    expect(listed.stdout).toMatch(new RegExp(`^ *${messageId} +${id} +sent `, 'm'));
    const shown = await cli.plain(['messages', 'show', messageId]);
    expect(shown.stdout).toMatch(/^\S+ \S+ +MessageSent +\d+ +\S+ +1 +200 /m);
    const { last } = await cli.json<object>(['messages', 'show', messageId]);
    expect(last).toEqual(await herald.api.get(`/messages/${messageId}`));
  });

  async function streamsServed(): Promise<number> {
    const metrics = await (await fetch(`${gateway}/metrics`)).text();
    const line = metrics.split('\n').find((each) => each.includes(`_seconds_count`) && each.includes(STREAM));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  it('watches a mailing over its stream of events, in a pipe, with --json and in a terminal', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(120);
    const before = await streamsServed();
    const { id } = await scenario.createMailing({ rateLimit: 30 });
    const watch = ['mailing', 'watch', id];
    const [plain, json, terminal] = await Promise.all([
      cli.plain(watch),
      cli.json<MailingStatistics>(watch),
      cli.terminal(watch),
    ]);
    expect(await terminal.exited).toBe(0);
    await terminal.until(/UNKNOWN.*\r\n.*completed/);
    expect(withoutControls(terminal.output())).toMatch(/█+░+ +\d+ % \| \d+\/120 messages \| [\d.]+\/s/);
    expect(plain.stdout).toMatch(/completed +120 +0 +120 /);
    expect(json).toMatchObject({
      code: 0,
      last: { mailing: id, status: 'completed', counts: { sent: 120 } },
    });
    // Progress comes before the result.
    expect(json.all.length).toBeGreaterThan(1);
    expect((await streamsServed()) - before).toBe(3);
  });

  it('saves the messages of a mailing, and the proof of its end', async () => {
    const { id, scenario } = await sendTo(40);
    const exporting = ['mailing', 'export', id];
    const saved = await cli.json<Saved>([...exporting, '-o', 'sent.csv', '--status', 'sent']);
    expect(saved).toMatchObject({ code: 0, last: { file: 'sent.csv', lines: 41 } });
    expect((await cli.json<Saved>([...exporting, '-o', 'none.csv', '--status', 'failed'])).last.lines).toBe(
      1,
    );
    const { code, stdout } = await cli.plain([...exporting, '--format', 'ndjson']);
    const messages = stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect({ code, messages }).toEqual({ code: 0, messages: await scenario.messagesOf(id) });
    await saveInTerminal(exporting, 'sent-again.csv');
    expect(await read('sent-again.csv')).toBe(await read('sent.csv'));

    const proof = await cli.plain(['mailing', 'proof', id]);
    const lines = proof.stdout
      .trimEnd()
      .split('\n')
      .map((line): object => JSON.parse(line));
    expect(lines).toHaveLength(41);
    expect(lines.at(-1)).toMatchObject({ mailing: id, calls: 40, afterEnd: 0 });
    expect(await cli.json<Saved>(['mailing', 'proof', id, '-o', 'proof.ndjson'])).toMatchObject({
      code: 0,
      last: { file: 'proof.ndjson', lines: 41 },
    });
    await saveInTerminal(['mailing', 'proof', id], 'proof-again.ndjson');
    expect(await read('proof-again.ndjson')).toBe(proof.stdout);
  });

  it('tells who got a mailing, who did not, and why', async () => {
    const { id, scenario } = await sendTo(2);
    const [addressed] = await collectAll<Client>(herald, `/clients?tag=${scenario.tag}`);
    const other = await new Scenario(herald).registerOne();
    await untilListed(`tag=${other.tag}`, 1);
    const sent = await cli.plain(['why', id, addressed?.phone ?? '']);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(sent.stdout).toMatch(/^outcome {2}sent$/m);
    expect(sent.stdout).toMatch(/ sent +MessageSent +\d+ +\S+ \S+$/m);
    const why = ['why', id, other.id];
    const not = await cli.json<{ outcome: string }>(why);
    expect(not).toMatchObject({ code: 0, last: { outcome: 'not-addressed' } });
    const { asOf: _, ...told } = await herald.api.get<{ asOf: string }>(
      `/mailings/${id}/clients/${other.id}`,
    );
    expect(not.last).toMatchObject(told);
    expect((await cli.json<Failure>(['why', other.id, other.id])).last.error.code).toBe('mailing-not-found');
  });

  it('shows the log of a mailing, of a client and of all, and follows it', async () => {
    const { id, scenario } = await sendTo(1);
    const [client] = await collectAll<Client>(herald, `/clients?tag=${scenario.tag}`);
    const life = ['MailingCreated', 'MailingStarted', 'MailingAudienceResolved', 'MailingSettled'];
    const events = await cli.json<Page<Event>>(['mailing', 'events', id]);
    expect(events.last.items.map(({ type }) => type)).toEqual(life);
    const shown = await cli.plain(['mailing', 'events', id, '--messages']);
    for (const type of [...life, 'MessagesQueued', 'OutcomesRecorded'])
      expect(shown.stdout).toMatch(new RegExp(`^ *\\d+ +\\S+ \\S+ +${type} `, 'm'));

    const ofMailing = await cli.json<object>(['log', 'tail', '--mailing', id]);
    const position = events.last.items.at(-1)?.position;
    expect(ofMailing).toMatchObject({ code: 0, last: { events: 4, position } });
    expect(ofMailing.all.slice(0, -1)).toEqual(events.last.items);
    const ofClient = await cli.plain(['log', 'tail', '--client', client?.phone ?? '']);
    expect(ofClient.stdout).toMatch(new RegExp(`ClientRegistered .*client ${client?.id} ${client?.phone}`));
    const ofAll = await cli.plain(['log', 'tail', '-n', '2']);
    expect(ofAll.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(ofAll.stdout).toContain(`mailing ${id} completed`);

    const terminal = await cli.terminal(['log', 'tail', '-n', '1', '--follow']);
    await terminal.until(/MailingSettled/);
    const removed = await cli.json(['clients', 'remove', client?.id ?? '']);
    expect(removed.code).toBe(0);
    await terminal.until(new RegExp(`ClientRemoved.*${client?.id}`));
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(130);
  });

  it('shows all of it in a terminal, painted, unless NO_COLOR says not to', async () => {
    const { id, scenario } = await sendTo(1);
    const [message] = await scenario.messagesOf(id);
    const clientId = message?.clientId ?? '';
    for (const args of [
      ['clients', 'messages', clientId],
      ['messages', 'show', String(message?.id)],
      ['mailing', 'events', id],
      ['why', id, clientId],
      ['log', 'tail', '-n', '3'],
    ]) {
      for (const environment of [{}, { NO_COLOR: '1' }]) {
        const terminal = await cli.terminal(args, environment);
        expect(await terminal.exited).toBe(0);
        await terminal.until(/\n[^\n]*\n/);
        expect([args, COLOURS.test(terminal.output())]).toEqual([args, !('NO_COLOR' in environment)]);
      }
    }
  });
});
