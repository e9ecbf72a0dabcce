import type { SettingsContext } from "../context.ts";
import type { Step } from "../execute.ts";
import { findSecretsInFile, splitByAllowed } from "./find-secrets.ts";
import type { SecretFinding } from "./find-secrets.ts";

/** What in the contents that are about to be sent may be a secret, and is not allowed yet. */
export async function searchSteps(
  { config, loadScanner }: Pick<SettingsContext, "config" | "loadScanner">,
  steps: readonly Step[],
): Promise<SecretFinding[]> {
  const sent = steps.filter(({ isWrittenThere, file }) => isWrittenThere && file !== undefined);
  if (sent.length === 0) return [];
  const scanner = await loadScanner();
  const findings = sent.flatMap(({ path, file }) =>
    file === undefined ? [] : findSecretsInFile(path, file.content, { scanner }),
  );
  return splitByAllowed(findings, config.allow).open;
}
