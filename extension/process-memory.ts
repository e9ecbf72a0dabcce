/**
 * What outlasts a session within one run of pi. pi may load our modules anew for each session or keep
 * them, so it hangs on the global object.
 */
export interface ProcessMemory {
  /** The person asked to wait with sending. */
  isPaused: boolean;
  /** What was told last of the trouble that goes on; one notice is enough for each. */
  toldOf: string | undefined;
}

const key = Symbol.for("pi-opensync");

/** The memory of this process. */
export function processMemory(): ProcessMemory {
  const holder = globalThis as { [key]?: ProcessMemory };
  holder[key] ??= { isPaused: false, toldOf: undefined };
  return holder[key];
}
