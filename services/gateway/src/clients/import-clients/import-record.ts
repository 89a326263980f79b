/**
 * One client of an import, not yet checked: the value that stood there, or why none can be read. `text` is what was read it
 * from, where somebody who looks at the value needs it; `original` a line that the value says it was made from.
 */
export type ImportRecord =
  | {
      readonly line: number;
      readonly value: unknown;
      readonly text?: string;
      readonly original?: string;
    }
  | { readonly line: number; readonly fault: string; readonly text?: string };

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
