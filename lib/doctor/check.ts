/** What a check came to: all is well, something should be seen to, or something does not work. */
export type Status = "well" | "warning" | "failure";

/** One judgement over the facts, in words for people. */
export interface Check {
  /** For programs; the same in every version. */
  id: string;
  /** What was looked at, in a word or two. */
  title: string;
  status: Status;
  /** What was found, in a sentence. */
  found: string;
  /** Why it matters, in a sentence. Absent where all is well. */
  why?: string;
  /** The one command that mends it, or what to do where no command does. Absent where all is well. */
  fix?: string;
}

/** The words of a check that is not well. */
export interface Trouble {
  found: string;
  why: string;
  fix: string;
}

/** Makes the checks of one subject: each with its id and title. */
export function aboutSubject(
  id: string,
  title: string,
): Readonly<{
  well: (found: string) => Check;
  warning: (trouble: Trouble) => Check;
  failure: (trouble: Trouble) => Check;
}> {
  return {
    well: (found) => ({ id, title, status: "well", found }),
    warning: (trouble) => ({ id, title, status: "warning", ...trouble }),
    failure: (trouble) => ({ id, title, status: "failure", ...trouble }),
  };
}

/** The command that mends what can be mended without a question. */
export const repairCommand = "pi-opensync doctor --fix";
