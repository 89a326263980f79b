/** How a server process ended: exactly one of the two is set. */
export type ServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Takes one line about what is being done, for a person who waits. */
export type Say = (line: string) => void;

/** A server which this process started and is answerable for. */
export type RunningServer = {
  /** Where clients connect, credentials included. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Ends it in good order, by force after `graceMs` (7 s). May be called repeatedly: the first call decides. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL, as a crash would be; resolves when the process is gone. */
  kill(): Promise<void>;
};
