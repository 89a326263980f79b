import { expect, test } from 'vitest';
import { createSystemOutput } from './system-output.ts';

const LINES = [
  '{"level":"info","msg":"a"}',
  '{"level":"warn","msg":"b","err":{"message":"gone","stack":"long"}}',
  'SyntaxError: c',
];

function given({ verbose }: { verbose: boolean }) {
  const said: string[] = [];
  const output = createSystemOutput((line) => said.push(line), verbose);
  const pass = () => {
    for (const line of LINES) output.pass('sender-1', line);
    return said.splice(0);
  };
  return { output, pass };
}

test("of the services' logs the warnings are shown, and what is no log line", () => {
  const { pass } = given({ verbose: false });
  expect(pass()).toEqual(['  sender-1: warn: b (gone)', '  sender-1: SyntaxError: c']);
});

test('warnings of a stop that was asked for are not shown', () => {
  const { output, pass } = given({ verbose: false });
  output.expectStop();
  expect(pass()).toEqual([]);
});

test('all of the logs are shown to whoever asks for them, to the end', () => {
  const { output, pass } = given({ verbose: true });
  output.expectStop();
  expect(pass()).toEqual(LINES.map((line) => `  sender-1: ${line}`));
});
