/** One client of an import, not yet checked: the value that stood there, or why none can be read. */
export type ImportRecord =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly fault: string };

/** Makes records of lines. One may hold lines back until it knows what they are. */
export interface RecordReader<Line> {
  read(lines: readonly Line[]): ImportRecord[];
  /**
   * Nothing more comes.
   *
   * @throws ProblemError when nothing ever came
   */
  end(): ImportRecord[];
}
