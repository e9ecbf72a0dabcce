import type { SettingsFacts } from "./facts/settings.ts";
import type { ComparisonFacts, FileReason } from "./facts/settings-comparison.ts";
import { mapTexts } from "./map-texts.ts";

/**
 * Facts of settings sync without what tells whose they are: the storage, the machines, and the names
 * of files and fields that the person chose. For texts that are published.
 */
export function hideOwner(facts: SettingsFacts): SettingsFacts {
  const { comparison, config, lock, storage } = facts;
  const shown: SettingsFacts = {
    ...facts,
    ...(config && {
      config: { ...config, profile: config.profile === "default" ? "default" : "…" },
    }),
    ...(lock && { lock: { ...lock, host: "<machine>" } }),
    ...(storage?.head && {
      storage: { ...storage, head: { ...storage.head, machine: "<machine>" } },
    }),
    ...(comparison && { comparison: hideFiles(comparison) }),
  };
  const names = [storage?.name, config?.endpoint, hostOf(config?.endpoint)].filter(
    (name) => name !== undefined,
  );
  return mapTexts(shown, (text) =>
    names.reduce((hidden, name) => hidden.replaceAll(name, "<your-storage>"), text),
  );
}

function hideFiles(comparison: ComparisonFacts): ComparisonFacts {
  const { blocked, conflicts, findings, leftOut, notHere, unusable } = comparison;
  const hide = (files: readonly FileReason[]): FileReason[] =>
    files.map(({ path, reason }) => ({ path: hidePath(path), reason }));
  return {
    ...comparison,
    blocked: hide(blocked),
    // It names fields, such as those of a provider.
    conflicts: conflicts.map(({ path }) => ({ path: hidePath(path), reason: "" })),
    findings: findings.map(({ column, confidence, id, line, path, rule }) => {
      return { column, confidence, id, line, path: hidePath(path), rule };
    }),
    leftOut: hide(leftOut),
    notHere: hide(notHere),
    unusable: hide(unusable),
    idle: { include: [], exclude: [] },
  };
}

/** `skills/…`: what everybody has at the top may be named. */
function hidePath(path: string): string {
  const [top = "", ...below] = path.split("/");
  if (below.length > 0) return `${/^(?:skills|prompts|themes|extensions)$/.test(top) ? top : ""}/…`;
  return /^(?:settings|keybindings|models)\.json$|^(?:AGENTS|APPEND_SYSTEM)\.md$/.test(top)
    ? top
    : "…";
}

function hostOf(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || !URL.canParse(endpoint)) return undefined;
  return new URL(endpoint).hostname || undefined;
}
