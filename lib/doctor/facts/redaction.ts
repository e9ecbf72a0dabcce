import type { Redactor } from "../../redact/redact.ts";

/** Whether secrets are replaced, as tried out. */
export interface RedactionFacts {
  isOn: boolean;
  /** Of a well-known kind of key that nobody has. */
  replacesSample: boolean;
  /** Of the key that we send with; absent where there is none. */
  replacesOwnKey?: boolean;
}

/** In pieces, for it would be found in the sources as well. */
const sample = ["AKIA", "IOSFODNN7", "EXAMPLQ"].join("");

/** Lets a redactor replace what it must. */
export function lookAtRedaction(
  redactor: Redactor,
  isOn: boolean,
  apiKey?: string,
): RedactionFacts {
  const replaces = (secret: string): boolean =>
    !redactor.redactText(`secret = ${secret}`).value.includes(secret);
  return {
    isOn,
    replacesSample: replaces(sample),
    ...(apiKey !== undefined && { replacesOwnKey: replaces(apiKey) }),
  };
}
