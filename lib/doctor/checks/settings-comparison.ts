import { aboutSubject } from "../check.ts";
import type { Check } from "../check.ts";
import type { Problem } from "../facts/problem.ts";
import type { ComparisonFacts, FileReason } from "../facts/settings-comparison.ts";
import { count } from "../words.ts";

const sides = aboutSubject("settings-sides", "Both sides");
const selected = aboutSubject("settings-selection", "Left out");
const secrets = aboutSubject("settings-secrets", "Secrets");

/** So many are named. */
const namedMax = 5;

/** How this machine and the storage differ, what stays here, and whether secrets would leave. */
export function checkComparison(
  facts: ComparisonFacts | undefined,
  problem: Problem | undefined,
): Check[] {
  if (problem) {
    return [
      sides.failure({
        found: problem.message,
        why: "What differs is not known, so nothing can be synced.",
        fix: problem.hint,
      }),
    ];
  }
  if (!facts) return [];
  return [
    checkSides(facts),
    ...checkBlocked(facts.blocked),
    ...checkSelection(facts),
    ...checkSecrets(facts.findings),
  ];
}

function checkSides(facts: ComparisonFacts): Check {
  const { conflicts, down, files, lost, merges, needsChoice, up } = facts;
  if (lost === "storage is empty") {
    return sides.warning({
      found: "The storage is empty, though this machine has synced with it before.",
      why: "Automatic sync does not fill it: it may be the wrong one.",
      fix: "If it is the right one: 'push'",
    });
  }
  if (needsChoice) {
    return sides.failure({
      found: "This machine and the storage both have settings already, and they differ.",
      why: "Nothing is synced until you choose whose are taken.",
      fix: "Look at 'diff'; then 'pull' takes the storage's, 'push' takes this machine's.",
    });
  }
  const [changed, counts] = describeChanges(up, down, merges);
  if (conflicts.length > 0) {
    return sides.failure({
      found: `Changed on both sides: ${listFiles(conflicts)}.${changed ? ` Besides, ${counts}.` : ""}`,
      why: "Automatic sync writes nothing while there is a conflict.",
      fix: "'resolve'",
    });
  }
  if (!changed) return sides.well(`${count(files, "file")}, the same as in the storage.`);
  return sides.warning({
    found: `${describeLoss(lost)}${counts}.`,
    why: "This machine and the storage have not got the same settings.",
    fix: "'sync'",
  });
}

function describeLoss(lost: ComparisonFacts["lost"]): string {
  if (lost === "nothing is here") return "This machine has lost its files: ";
  return lost === "log was rewritten" ? "The storage was set back to an older state: " : "";
}

function describeChanges(up: number, down: number, merges: number): [boolean, string] {
  const parts = [
    up > 0 ? `${count(up, "file")} to send` : "",
    down > 0 ? `${count(down, "file")} to take` : "",
    merges > 0 ? `${count(merges, "file")} to merge` : "",
  ].filter((part) => part !== "");
  return [parts.length > 0, parts.join(", ")];
}

function checkBlocked(blocked: readonly FileReason[]): Check[] {
  if (blocked.length === 0) return [];
  return [
    sides.warning({
      found: `The storage has what this machine can't take: ${listFiles(blocked)}.`,
      why: "These files stay as they are here.",
      fix: "Remove what is in the way, then 'sync'.",
    }),
  ];
}

function checkSelection({ idle, leftOut, notHere, unusable }: ComparisonFacts): Check[] {
  const idleTexts = [
    idle.include.length > 0 ? `Nothing is there yet of include: ${idle.include.join(", ")}.` : "",
    idle.exclude.length > 0 ? `Nothing is met by exclude: ${idle.exclude.join(", ")}.` : "",
  ].filter((text) => text !== "");
  const texts = [
    leftOut.length > 0 ? `Stays on this machine: ${listFiles(leftOut)}.` : "",
    notHere.length > 0 ? `Stays in the storage: ${listFiles(notHere)}.` : "",
    ...idleTexts,
  ].filter((text) => text !== "");
  return [
    ...(texts.length > 0 ? [selected.well(texts.join(" "))] : []),
    ...(unusable.length > 0
      ? [
          selected.warning({
            found: `Can't be synced: ${listFiles(unusable)}.`,
            why: "Your other machines do not get it.",
            fix: "Mend it, or exclude it: 'config exclude'",
          }),
        ]
      : []),
  ];
}

function checkSecrets(findings: ComparisonFacts["findings"]): Check[] {
  if (findings.length === 0) return [secrets.well("None in what waits to be sent.")];
  const places = findings.slice(0, namedMax).map(({ confidence, id, path, line, column, rule }) => {
    const what = confidence === "high" ? rule : `perhaps ${rule}`;
    return `${path}:${line}:${column} (${what}, ${id})`;
  });
  const trouble = {
    found: `In what waits to be sent: ${places.join(", ")}${more(findings.length)}.`,
    fix: "Name a variable instead (\"$NAME\"); a finding that is none: 'allow'",
  };
  return findings.some(({ confidence }) => confidence === "high")
    ? [secrets.failure({ ...trouble, why: "Nothing is sent while there are secrets in it." })]
    : [secrets.warning({ ...trouble, why: "Automatic sync does not send it, and 'sync' asks." })];
}

function listFiles(files: readonly FileReason[]): string {
  const named = files
    .slice(0, namedMax)
    .map(({ path, reason }) => (reason === "" ? path : `${path} (${reason})`));
  return `${named.join(", ")}${more(files.length)}`;
}

function more(total: number): string {
  return total > namedMax ? `, and ${total - namedMax} more` : "";
}
