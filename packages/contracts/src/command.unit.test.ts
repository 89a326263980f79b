import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { commandSamples } from '../test/samples.ts';
import { eventSubjectOf, makeCommand, parseCommand } from './command.ts';
import { acceptedNote } from './command-result.ts';
import { type CommandBody, type CommandType, commandCatalogue } from './commands/catalogue.ts';
import { IMPORT_CHUNK } from './commands/import-clients.ts';
import { eventSubjects } from './subjects.ts';

const types = Object.keys(commandCatalogue) as CommandType[];
const id = '11111111-1111-4111-8111-111111111111';
const at = new Date('2026-03-01T12:00:00.000Z');
const provenance = { source: 'gateway', correlationId: 'c-1', actor: 'anna' };
const command = (type: CommandType, data: unknown = commandSamples[type]) =>
  makeCommand(id, 'f', { type, data } as CommandBody, provenance, at);
const parse = (value: unknown) => () => parseCommand(JSON.stringify(value));

describe('every command', () => {
  test.each(types)('%s is read as it was written', (type) => {
    expect(parseCommand(JSON.stringify(command(type)))).toStrictEqual(command(type));
  });

  test.each(types)('%s without what it must hold is refused', (type) => {
    expect(parse(command(type, {}))).toThrow(ZodError);
    const { fingerprint: _missing, ...anonymous } = command(type);
    expect(parse(anonymous)).toThrow(ZodError);
  });
});

test('a command says who asked, what for, and when', () => {
  expect(command('PauseMailing')).toStrictEqual({
    specversion: '1.0',
    id,
    fingerprint: 'f',
    source: 'gateway',
    type: 'PauseMailing',
    time: '2026-03-01T12:00:00.000Z',
    correlationid: 'c-1',
    actor: 'anna',
    dataversion: 1,
    data: commandSamples.PauseMailing,
  });
});

test('a type that is not in the catalogue is refused, also where it is the name of something else', () => {
  for (const type of ['StartMailing', 'toString', '__proto__']) {
    expect(parse({ ...command('PauseMailing'), type })).toThrow(/unknown command type/);
  }
});

test('a command says where the events of its entity stand, and an import has none', () => {
  const { clientId } = commandSamples.RegisterClient;
  const { mailingId } = commandSamples.PauseMailing;
  expect(eventSubjectOf(command('RegisterClient'))).toBe(eventSubjects.client(clientId));
  expect(eventSubjectOf(command('PauseMailing'))).toBe(eventSubjects.mailing(mailingId));
  expect(eventSubjectOf(command('ImportClients'))).toBeNull();
});

test.each([
  '{"kind":"command"}',
  '{"kind":"command","unsureOn":"commands.client.1"}',
  '{"kind":"import-begun"}',
  '{"kind":"import","chunks":1,"received":1,"rejected":0,"errors":[]}',
])('the note %s of an earlier release is read', (text) => {
  expect(acceptedNote.parse(JSON.parse(text))).toStrictEqual(JSON.parse(text));
});

describe('what commands hold', () => {
  test.each(['89991234567', '7999123456', '799912345678', '+79991234567', '7999123456a', ''])(
    'a phone is not %j',
    (phone) => {
      expect(parse(command('RegisterClient', { ...commandSamples.RegisterClient, phone }))).toThrow(ZodError);
    },
  );

  test.each(['24:00', '9:00', '09:60', '0900', '09:00:00'])('an hour of the day is not %j', (from) => {
    const localWindow = { from, to: '21:00' };
    expect(parse(command('CreateMailing', { ...commandSamples.CreateMailing, localWindow }))).toThrow(
      ZodError,
    );
  });

  test.each([
    {},
    { everyone: false },
    { everyone: true, tags: ['vip'] },
    { tag: 'vip' },
    { tags: [] },
    { operatorCodes: [] },
    { operatorCodes: ['12'] },
  ])('a filter is not %j', (filter) => {
    expect(parse(command('CreateMailing', { ...commandSamples.CreateMailing, filter }))).toThrow(ZodError);
  });

  test.each([0, 10, 2.5, '5'])('a priority is not %j', (priority) => {
    expect(parse(command('CreateMailing', { ...commandSamples.CreateMailing, priority }))).toThrow(ZodError);
  });

  test.each([0, -1, '10'])('a rate limit is not %j', (rateLimit) => {
    expect(parse(command('CreateMailing', { ...commandSamples.CreateMailing, rateLimit }))).toThrow(ZodError);
  });

  test('a new mailing of a gateway that does not know limits and priorities has the defaults', () => {
    const { rateLimit: _limit, priority: _weight, ...data } = commandSamples.CreateMailing;
    const parsed = parseCommand(JSON.stringify(command('CreateMailing', data)));
    expect(parsed.data).toMatchObject({ rateLimit: null, priority: 5 });
  });

  test('a part of an import may say what it is to be carried out after', () => {
    const after = [0, 1, 2];
    const parsed = parseCommand(
      JSON.stringify(command('ImportClients', { ...commandSamples.ImportClients, after })),
    );
    expect(parsed.data).toMatchObject({ after });
    expect(parse(command('ImportClients', { ...commandSamples.ImportClients, after: [-1] }))).toThrow(
      ZodError,
    );
  });

  test('a part of an import holds up to five hundred clients, or none where all of its lines are bad', () => {
    const sample = commandSamples.ImportClients;
    const rows = (count: number) => Array.from({ length: count }, () => sample.rows[0]);
    for (const count of [0, IMPORT_CHUNK]) {
      expect(parse(command('ImportClients', { ...sample, rows: rows(count) }))).not.toThrow();
    }
    expect(parse(command('ImportClients', { ...sample, rows: rows(IMPORT_CHUNK + 1) }))).toThrow(ZodError);
  });
});
