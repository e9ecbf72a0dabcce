import { describe, expect, test } from "bun:test";

import { fingerprint, propose } from "../../../lib/settings/actions.ts";
import type { Operation, Proposal } from "../../../lib/settings/actions.ts";
import type { RemoteFile } from "../../../lib/settings/file-state.ts";
import type { Plan, PlanItem, Verdict } from "../../../lib/settings/plan.ts";

const operations: readonly Operation[] = ["push", "pull", "sync", "automatic"];

function file(letter: string, isExecutable = false): RemoteFile {
  return { sha256: letter.repeat(64), bytes: 1, isExecutable, snapshot: "id" };
}

function itemOf(verdict: Verdict, changes: Partial<PlanItem> = {}): PlanItem {
  const state = { sha256: "d".repeat(64), bytes: 1, isExecutable: false };
  const merged = verdict === "merge" ? { merged: { content: new Uint8Array(), state } } : {};
  const [base, local, remote] = [file("a"), file("b"), file("c")];
  return { path: verdict, verdict, change: "change", base, local, remote, ...merged, ...changes };
}

function planOf(items: readonly PlanItem[], changes: Partial<Plan> = {}): Plan {
  const counts = { localCount: 100, remoteCount: 100 };
  return { items, needsChoice: false, ...counts, leftOut: [], notHere: [], ...changes };
}

/** `local ↑`: this machine's version is written to the storage. */
function show({ actions }: Proposal): string {
  return actions
    .map(({ winner, isWrittenHere, isWrittenThere }) =>
      [winner, isWrittenHere && "↓", isWrittenThere && "↑"].filter(Boolean).join(" "),
    )
    .join();
}

describe("each operation does of each verdict", () => {
  /** Push, pull, sync, automatic; push and pull forced; push and pull on a first sync. */
  const table: readonly [Verdict, ...string[]][] = [
    ["push", "local ↑", "", "local ↑", "local ↑", "local ↑", "", "local ↑", ""],
    ["pull", "", "remote ↓", "remote ↓", "remote ↓", "", "remote ↓", "", "remote ↓"],
    ["merge", "", "merged ↓", "merged ↓ ↑", "merged ↓ ↑", "", "merged ↓", "local ↑", "remote ↓"],
    ["conflict", "", "", "", "", "local ↑", "remote ↓", "local ↑", "remote ↓"],
    ["agreed", "", "", "", "", "", "", "", ""],
    ["blocked", "", "", "", "", "", "", "", ""],
  ];

  test.each(table)("%s", (verdict, ...expected) => {
    const plan = planOf([itemOf(verdict)]);
    const first = planOf([itemOf(verdict)], { needsChoice: true });
    expect([
      ...operations.map((operation) => show(propose(plan, operation, false))),
      show(propose(plan, "push", true)),
      show(propose(plan, "pull", true)),
      show(propose(first, "push", false)),
      show(propose(first, "pull", false)),
    ]).toEqual(expected);
  });

  test("force changes nothing of sync and automatic sync", () => {
    const plan = planOf(
      (["push", "pull", "merge", "agreed", "blocked"] as const).map((v) => itemOf(v)),
    );
    for (const operation of ["sync", "automatic"] as const) {
      expect(propose(plan, operation, true)).toEqual(propose(plan, operation, false));
    }
  });

  test("what was lost here comes back with a forced pull, and only then", () => {
    const plan = planOf([
      itemOf("push", { local: undefined, remote: file("a"), change: "delete" }),
    ]);
    expect(show(propose(plan, "pull", false))).toBe("");
    expect(show(propose(plan, "pull", true))).toBe("remote ↓");
  });

  // Suspicion: a storage of pi-sync 0.1, which knows no executable bit, takes it away from files that are equal.
  test("permissions alone are no reason to take them away on a first pull", () => {
    const same = itemOf("merge", { local: file("b", true), remote: file("b") });
    const plan = planOf([same], { needsChoice: true });
    expect(show(propose(plan, "pull", false))).toBe("merged ↓");
    expect(show(propose(plan, "push", false))).toBe("local ↑");
  });
});

describe("conflicts", () => {
  const plan = planOf([itemOf("conflict"), itemOf("push"), itemOf("pull")]);

  test("keep automatic sync from doing anything", () => {
    const { actions, conflicts } = propose(plan, "automatic", false);
    expect([actions.length, conflicts.length]).toEqual([0, 1]);
  });

  test("stay, and the rest is done, where a person asks", () => {
    for (const operation of ["push", "pull", "sync"] as const) {
      const { actions, conflicts, questions } = propose(plan, operation, false);
      expect(conflicts).toHaveLength(1);
      expect(questions).toEqual([]);
      expect(actions).toHaveLength(operation === "sync" ? 2 : 1);
    }
  });

  test("that force decides are named", () => {
    for (const operation of ["push", "pull"] as const) {
      const { conflicts, questions } = propose(plan, operation, true);
      expect(conflicts).toEqual([]);
      expect(questions).toEqual([{ kind: "conflicts", paths: ["conflict"] }]);
    }
  });
});

describe("a first sync of sides that differ", () => {
  const plan = planOf([itemOf("push"), itemOf("pull"), itemOf("conflict")], { needsChoice: true });

  test("does nothing until a person chooses", () => {
    for (const operation of ["sync", "automatic"] as const) {
      for (const isForced of [false, true]) {
        const proposal = propose(plan, operation, isForced);
        expect(proposal.actions).toEqual([]);
        expect(proposal.obstacle).toBeDefined();
      }
    }
  });

  test("a push or a pull is the choice, which is asked about", () => {
    for (const operation of ["push", "pull"] as const) {
      const { actions, questions, obstacle } = propose(plan, operation, false);
      expect(actions).toHaveLength(2);
      expect(questions).toEqual([{ kind: "choice" }]);
      expect(obstacle).toBeUndefined();
    }
  });
});

describe("deletions ask", () => {
  const gone = (count: number, by: "push" | "pull", verdict: Verdict = by): PlanItem[] =>
    Array.from({ length: count }, (_, index) =>
      itemOf(verdict, {
        path: `${index}`,
        change: "delete",
        ...(by === "push" ? { local: undefined } : { remote: undefined }),
      }),
    );
  const asks = (plan: Plan): unknown => propose(plan, "sync", false).questions;

  test.each([
    [5, 100, false],
    [6, 100, true],
    [1, 3, false],
    [1, 2, true],
    [2, 6, false],
    [2, 5, true],
    [5, 15, false],
    [5, 14, true],
    [6, 18, true],
    [1, 1, true],
  ])("%i of %i: %p", (count, of, isAsked) => {
    const storage = [{ kind: "deletions", side: "storage", count, of }];
    expect(asks(planOf(gone(count, "push"), { remoteCount: of }))).toEqual(isAsked ? storage : []);
    const here = [{ kind: "deletions", side: "here", count, of }];
    expect(asks(planOf(gone(count, "pull"), { localCount: of }))).toEqual(isAsked ? here : []);
  });

  test("measured by the files that this machine takes", () => {
    const notHere = Array.from({ length: 90 }, (_, index) => ({ path: `${index}`, reason: "" }));
    expect(asks(planOf(gone(4, "push"), { remoteCount: 100, notHere }))).toEqual([
      { kind: "deletions", side: "storage", count: 4, of: 10 },
    ]);
  });

  test("on each side by itself, and on none that is not written", () => {
    const plan = planOf([...gone(6, "push"), ...gone(6, "pull")]);
    expect(propose(plan, "sync", false).questions).toHaveLength(2);
    expect(propose(plan, "push", false).questions).toMatchObject([{ side: "storage" }]);
    expect(propose(plan, "pull", false).questions).toMatchObject([{ side: "here" }]);
  });

  test("whatever is forced", () => {
    expect(propose(planOf(gone(6, "push", "conflict")), "push", true).questions).toMatchObject([
      { kind: "conflicts" },
      { kind: "deletions", count: 6 },
    ]);
  });
});

test("a fingerprint tells apart what would be done", () => {
  const marks = [
    propose(planOf([itemOf("push")]), "sync", false),
    propose(planOf([itemOf("push", { local: file("e") })]), "sync", false),
    propose(planOf([itemOf("push", { local: undefined })]), "sync", false),
    propose(planOf([itemOf("push", { remote: file("e") })]), "sync", false),
    propose(planOf([itemOf("push", { path: "other" })]), "sync", false),
    propose(planOf([itemOf("merge")]), "sync", false),
    propose(planOf([itemOf("merge")]), "pull", false),
    propose(planOf([]), "sync", false),
  ].map(fingerprint);
  expect(new Set(marks).size).toBe(marks.length);
});
