import type { Redactor } from "../redact/redact.ts";
import type { CheckResult } from "./check.ts";

/** A key that nobody has, of a kind that every person's rules must find. */
const sample = ["AKIA", "IOSFODNN7", "EXAMPLQ"].join("");

/** Whether secrets are really replaced. */
export function checkRedaction(redactor: Redactor, isOn: boolean): CheckResult {
  if (!isOn) {
    return {
      status: "warning",
      found: "Redaction is off: secrets in sessions are sent as they are.",
      fix: 'Set "redact" to true.',
    };
  }
  const { value } = redactor.redactText(`aws_access_key_id = ${sample}`);
  return value.includes(sample)
    ? { status: "failure", found: "Redaction does not replace secrets." }
    : { status: "well", found: "Secrets are replaced before anything is sent." };
}
