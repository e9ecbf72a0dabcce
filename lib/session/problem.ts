/** Something of a session that could not be read, while the rest could. */
export interface Problem {
  /** The file or folder. */
  path: string;
  /** What is wrong, to stand behind the path and a colon. */
  reason: string;
  /** The first byte of the damaged part, where it is a part of a file. */
  offset?: number;
  /** The line, counted from 1, where the file was read from its beginning. */
  line?: number;
}
