import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readMoment } from '../arguments.ts';
import { WrongUseError } from '../failures.ts';
import { reasonOf } from '../reason.ts';

/** What a mailing is made of, as options. */

export type TextOptions = { readonly text?: string; readonly textFile?: string };
export type LocalWindow = { readonly from: string; readonly to: string };

export const readOptionMoment = (value: string): string => readMoment(value, new Date());

export const textOptions = (command: Command): Command =>
  command
    .addOption(new Option('--text <text>', 'what is sent').conflicts('textFile'))
    .option('--text-file <file>', 'a file with what is sent');

/** @throws {WrongUseError} when the file cannot be read */
export async function readMailingText({ text, textFile }: TextOptions): Promise<string | undefined> {
  if (textFile === undefined) return text;
  try {
    // Editors end a file with a line break that nobody means to send.
    return (await readFile(textFile, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new WrongUseError(`${textFile} cannot be read: ${reasonOf(error)}.`);
  }
}

export const windowOption = (): Option =>
  new Option('--window <from-to>', "hours of each client's own day, such as 09:00-21:00").argParser(
    readWindow,
  );
export const rateLimitOption = (): Option =>
  new Option('--rate-limit <calls>', 'calls a second, of all senders together').argParser(readNumber);
export const priorityOption = (): Option =>
  new Option('--priority <weight>', '1 to 9, by default 5').argParser(readNumber);

function readWindow(value: string): LocalWindow {
  const [, from, to] = /^(\d\d:\d\d)[-–](\d\d:\d\d)$/.exec(value) ?? [];
  if (from === undefined || to === undefined) {
    throw new InvalidArgumentError('It must be two times of a day, such as 09:00-21:00.');
  }
  return { from, to };
}

function readNumber(value: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(value)) throw new InvalidArgumentError('It must be a number.');
  return Number(value);
}
