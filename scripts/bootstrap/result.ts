/** What came of a run, for a program and for a person. */
export interface CommandResult {
  result: object;
  text: string;
  /** Whether it did what was asked for. */
  done: boolean;
}
