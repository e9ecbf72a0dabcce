import { AppError } from "../../errors.ts";
import { updateSettings } from "../config/load.ts";
import type { SettingsContext } from "../context.ts";
import { prepare } from "../run.ts";
import type { SecretFinding } from "../secrets/find-secrets.ts";
import { describeFindings } from "../words.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

/**
 * `allow [FINDING]`: lets one finding of the search for secrets pass, for good. Without one, asks which,
 * or lists them.
 */
export async function allow(
  context: SettingsContext,
  dialogue: Dialogue,
  { words: [word], yes, signal }: CommandOptions,
): Promise<Report> {
  const { findings } = await prepare(context, "sync", { isForced: false, signal });
  const id = word ?? (await choose(findings, dialogue));
  if (id === undefined) return list(findings);
  const found = findings.filter((finding) => finding.id === id);
  if (found.length === 0) {
    throw new AppError(
      "usage",
      `There is no finding '${id.slice(0, 40)}' in what waits to be pushed.`,
      {
        hint: "'allow' without a word lists the findings.",
      },
    );
  }
  const lines = describeFindings(found);
  if (dialogue.isInteractive && !yes) {
    const isSure = await dialogue.confirm(
      "It goes to the storage from now on. Is it no secret?",
      lines,
      true,
    );
    if (!isSure)
      return { lines: ["Nothing was changed."], outcome: "declined", document: { allowed: null } };
  }
  const { config, configFile } = context;
  await updateSettings(configFile, { allow: [...new Set([...config.allow, id])] });
  return { lines: [...lines, "Allowed from now on."], outcome: "well", document: { allowed: id } };
}

async function choose(
  findings: readonly SecretFinding[],
  dialogue: Dialogue,
): Promise<string | undefined> {
  if (!dialogue.isInteractive || findings.length === 0) return undefined;
  const lines = describeFindings(findings);
  const choices = findings.map(({ id }, index) => ({ value: id, label: lines[index] ?? id }));
  return dialogue.choose("Which of these is no secret?", choices);
}

function list(findings: readonly SecretFinding[]): Report {
  const lines = describeFindings(findings);
  return {
    lines: lines.length > 0 ? lines : ["Nothing that waits to be pushed looks like a secret."],
    outcome: lines.length > 0 ? "attention" : "well",
    document: { findings },
  };
}
