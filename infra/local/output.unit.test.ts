import { expect, test } from 'vitest';
import { createJsonOutput, createPrettyOutput, type Output } from './output.ts';

function collect(create: (write: (text: string) => void) => Output): { output: Output; text: () => string } {
  let written = '';
  const output = create((text) => {
    written += text;
  });
  return { output, text: () => written };
}

test('to programs a line of a service passes untouched, and anything else becomes a line of the log', () => {
  const { output, text } = collect(createJsonOutput);
  output.pass('sender-1', '{"level":"info","msg":"sent"}');
  output.pass('sender-1', 'Error: out of memory');
  output.print('for people only');
  const lines = text().trimEnd().split('\n');
  expect(lines[0]).toBe('{"level":"info","msg":"sent"}');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ instance: 'sender-1', msg: 'Error: out of memory' });
  expect(lines).toHaveLength(2);
});

test('to people every line begins with the name of the process', () => {
  const { output, text } = collect((write) => createPrettyOutput(write, false));
  output.say('ready', { machine: 'detail' });
  output.pass(
    'sender-1',
    '{"level":"info","time":"2030-01-01T00:00:00.000Z","instance":"sender-1","msg":"sent"}',
  );
  expect(text()).toMatch(/^\[.*\] INFO: launcher: ready\n\[.*\] INFO: sender-1: sent\n$/);
});
