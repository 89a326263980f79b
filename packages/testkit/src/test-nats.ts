/** A broker of the test file's own, with JetStream on disk. */
export type TestNats = {
  readonly url: string;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL; the data stays for `restart`. */
  kill(): Promise<void>;
  /** It keeps its connections and answers nobody, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Starts it again on the same port and data, ending it in good order first if it runs. */
  restart(): Promise<void>;
};
