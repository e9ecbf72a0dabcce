/** Which program this is, and what it runs in. */
export interface ProgramFacts {
  version: string;
  commit: string;
  /** Such as "Bun 1.4.5" or "Node 20.20.2". */
  runtime: string;
  /** Such as "linux x64". */
  system: string;
}
