import { expect, test } from "bun:test";

import { propose } from "../../../lib/settings/actions.ts";
import type { RemoteFile } from "../../../lib/settings/file-state.ts";
import type { Plan, PlanItem, Verdict } from "../../../lib/settings/plan.ts";
import {
  describeActions,
  describeBlocked,
  describeFindings,
  describeForFooter,
  describeItems,
  describeQuestions,
  printable,
} from "../../../lib/settings/words.ts";

const file: RemoteFile = { sha256: "a".repeat(64), bytes: 1, isExecutable: false, snapshot: "id" };

function item(path: string, verdict: Verdict, changes: Partial<PlanItem> = {}): PlanItem {
  const versions = { base: file, local: file, remote: file };
  return { path, verdict, change: "change", ...versions, ...changes };
}

function planOf(...items: PlanItem[]): Plan {
  const counts = { localCount: 3, remoteCount: 3 };
  return { items, needsChoice: false, ...counts, leftOut: [], notHere: [] };
}

test("a line for each file on which the sides differ", () => {
  const items = [
    item("AGENTS.md", "push"),
    item("prompts/a.md", "pull", { change: "delete", remote: undefined }),
    item("models.json", "merge"),
    item("c", "conflict", { why: "line 1 here, line 1 there" }),
    item("d", "blocked", { change: "add", why: "it is a folder" }),
    item("e", "agreed"),
  ];
  expect(describeItems(items)).toEqual([
    "↑ AGENTS.md     changed here",
    "↓ prompts/a.md  deleted in the storage",
    "↕ models.json   changed on both sides, goes together",
    "! c             conflict: line 1 here, line 1 there",
    "✗ d             new in the storage, can't come here: it is a folder",
  ]);
});

test("a line for each thing that is done", () => {
  const plan = planOf(
    item("a", "push", { local: undefined }),
    item("b", "push", { remote: undefined }),
    item("c", "pull"),
  );
  const proposal = propose(plan, "sync", false);
  expect(describeActions(proposal.actions)).toEqual([
    "↑ a  deleted in the storage",
    "↑ b  added in the storage",
    "↓ c  replaced here",
  ]);
});

test("the footer counts, and names a conflict before all", () => {
  const [push, pull] = [item("a", "push"), item("b", "pull")];
  const merge = item("c", "merge");
  expect(describeForFooter(planOf())).toBeUndefined();
  expect(describeForFooter(planOf(item("e", "agreed")))).toBeUndefined();
  expect(describeForFooter(planOf(push))).toBe("settings ↑1");
  expect(describeForFooter(planOf(push, pull, merge))).toBe("settings ↑2 ↓2");
  expect(describeForFooter(planOf(push, item("d", "conflict")))).toBe("settings: conflict");
});

// Suspicion: a name or a reason from the storage moves the cursor, or starts a line of its own.
test("whatever others chose stays on its line", () => {
  const evil = "a\u001b[2Jb\r\nc\u202ed";
  const lines = [
    ...describeItems([item(evil, "conflict", { why: evil })]),
    ...describeActions([
      { item: item(evil, "pull"), winner: "remote", isWrittenHere: true, isWrittenThere: false },
    ]),
    ...describeQuestions({
      actions: [],
      questions: [{ kind: "conflicts", paths: [evil] }],
      conflicts: [item(evil, "conflict", { why: evil })],
    }),
    ...describeBlocked({
      actions: [],
      questions: [],
      conflicts: [],
      blocked: [{ path: evil, reason: evil }],
    }),
    ...describeFindings([
      { id: "1", path: evil, line: 1, column: 1, rule: "r", confidence: "high", start: "\u001b…" },
    ]),
    printable(evil),
  ];
  for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
