import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Api } from './api/api.ts';
import type { Output } from './output/output.ts';

/** What a command has to work with. */
export type Context = {
  readonly api: Api;
  readonly output: Output;
  /** Aborted by Ctrl-C, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** Ends the command as a signal does, with all that it waits for. */
  stop(reason: Error): void;
  readonly stdin: NodeJS.ReadStream | Readable;
  now(): Date;
};

/** Runs what a command does with the global options that were given, and keeps its exit code. */
export type Execute = (command: Command, act: (context: Context) => Promise<number>) => Promise<void>;
