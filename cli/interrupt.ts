/** Ctrl-C and SIGTERM, asked for politely once. */
export interface Interrupt extends Disposable {
  /** Aborted by the first signal. The second ends the process at once. */
  readonly signal: AbortSignal;
  /** The exit code that the signal stands for; undefined where none came. */
  exitCode(): number | undefined;
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Takes the signals over until it is disposed of. `onFirst` tells the person what happens now. */
export function catchInterrupts(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = (): void => {
      if (exitCode !== undefined) process.exit(exitCodes[name]);
      exitCode = exitCodes[name];
      onFirst();
      controller.abort();
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
