import { describe, expect, test } from "bun:test";

import { findBothChanged, planSync } from "../../../lib/settings/plan.ts";
import type { MergeOutcome, Plan, Sides } from "../../../lib/settings/plan.ts";
import type { RemoteFile } from "../../../lib/settings/file-state.ts";

/** A version of a file: absent, one of three contents, or with a star one that can be executed. */
type Version = "-" | "A" | "B" | "C" | "A*" | "B*";

const path = "prompts/a.md";

function fileOf(version: Version): RemoteFile | undefined {
  if (version === "-") return undefined;
  const isExecutable = version.endsWith("*");
  return { sha256: version[0]!.repeat(64), bytes: 1, isExecutable, snapshot: "id" };
}

function table(version: Version): Map<string, RemoteFile> {
  const file = fileOf(version);
  return new Map(file ? [[path, file]] : []);
}

function sidesOf(base: Version, local: Version, remote: Version): Sides {
  // Another file, on which all agree, makes the base one.
  const other = { ...fileOf("A")!, sha256: "f".repeat(64) };
  const add = (files: Map<string, RemoteFile>): Map<string, RemoteFile> =>
    files.set("AGENTS.md", other);
  const [b, l, r] = [table(base), table(local), table(remote)].map(add);
  return { base: b, local: l!, remote: r!, leftOut: [], judge: () => undefined };
}

function plan(sides: Sides, merges: ReadonlyMap<string, MergeOutcome> = new Map()): Plan {
  return planSync(sides, merges);
}

const mergedFile: MergeOutcome = {
  content: new Uint8Array(),
  state: { sha256: "d".repeat(64), bytes: 0, isExecutable: false },
};

/** Base, local, remote; what happens without a merge, and how the side that takes it changes. */
const rows: readonly [Version, Version, Version, string][] = [
  ["-", "-", "-", "nothing"],
  ["-", "-", "A", "pull add"],
  ["-", "A", "-", "push add"],
  ["-", "A", "A", "agreed add"],
  ["-", "A", "B", "conflict"],
  ["A", "-", "-", "agreed delete"],
  ["A", "-", "A", "push delete"],
  ["A", "-", "B", "conflict"],
  ["A", "A", "-", "pull delete"],
  ["A", "A", "A", "nothing"],
  ["A", "A", "B", "pull change"],
  ["A", "B", "-", "conflict"],
  ["A", "B", "A", "push change"],
  ["A", "B", "B", "agreed change"],
  ["A", "B", "C", "conflict"],
  // Permissions alone.
  ["A", "A*", "A", "push change"],
  ["A", "A", "A*", "pull change"],
  ["A", "A*", "A*", "agreed change"],
  ["A*", "A", "A*", "push change"],
  ["A", "A*", "B", "conflict"],
  ["A", "A*", "-", "conflict"],
  ["A", "-", "A*", "conflict"],
  ["-", "A", "A*", "conflict"],
];

describe("one file", () => {
  test.each(rows)("base %s, here %s, storage %s: %s", (base, local, remote, expected) => {
    const [item] = plan(sidesOf(base, local, remote)).items;
    const found =
      item?.verdict === "conflict" ? "conflict" : item && `${item.verdict} ${item.change}`;
    expect(found ?? "nothing").toBe(expected);
  });

  // Suspicion: some combination falls through the table, or both sides are taken as unchanged.
  test("has a verdict wherever the sides differ, in every combination", () => {
    const versions: readonly Version[] = ["-", "A", "B", "C", "A*", "B*"];
    for (const base of versions) {
      for (const local of versions) {
        for (const remote of versions) {
          const sides = sidesOf(base, local, remote);
          const [item] = plan(sides).items;
          const bothChanged = local !== base && remote !== base && local !== remote;
          const isMergeable = bothChanged && local !== "-" && remote !== "-";
          expect(findBothChanged(sides)).toHaveLength(isMergeable ? 1 : 0);
          if (local === remote) expect(item?.verdict).toBe(base === local ? undefined : "agreed");
          else if (bothChanged) expect(item?.verdict).toBe("conflict");
          else expect(item?.verdict).toBe(base === remote ? "push" : "pull");
          const merged = plan(sides, new Map([[path, mergedFile]])).items[0];
          if (isMergeable) expect(merged).toMatchObject({ verdict: "merge", merged: mergedFile });
          else expect(merged).toEqual(item);
        }
      }
    }
  });

  test("a conflict says where", () => {
    const where = (places: string[]): string | undefined =>
      plan(sidesOf("A", "B", "C"), new Map([[path, { where: places }]])).items[0]?.why;
    expect(where(["line 1 here, line 1 there", "line 9 here, line 8 there"])).toBe(
      "line 1 here, line 1 there, line 9 here, line 8 there",
    );
    expect(where([])).toBe("changed on both sides");
    expect(plan(sidesOf("A", "-", "B")).items[0]?.why).toBe("deleted here, changed in the storage");
    expect(plan(sidesOf("A", "B", "-")).items[0]?.why).toBe("changed here, deleted in the storage");
  });
});

describe("what is there and left out", () => {
  const cases: readonly [Version, Version, string | undefined][] = [
    ["A", "A", undefined],
    ["-", "-", undefined],
    ["A", "B", "change"],
    ["-", "A", "add"],
    ["A", "-", "delete"],
    ["A", "A*", "change"],
  ];

  for (const where of [path, "prompts"]) {
    test.each(cases)(`at ${where}: base %s, storage %s: blocked %s`, (base, remote, change) => {
      const leftOut = [{ path: where, reason: "larger than 5 MB", isThere: true }];
      const { items } = plan({ ...sidesOf(base, "-", remote), leftOut });
      expect(items.map((item) => [item.verdict, item.change, item.why])).toEqual(
        change === undefined ? [] : [["blocked", change, "larger than 5 MB"]],
      );
    });
  }

  test("does not stand for a name that only begins the same, or for what is not there", () => {
    for (const leftOut of [
      { path: "prompt", reason: "a link", isThere: true },
      { path: `${path}x`, reason: "a link", isThere: true },
      { path, reason: "not a name", isThere: false },
    ]) {
      const { items } = plan({ ...sidesOf("A", "-", "A"), leftOut: [leftOut] });
      expect(items).toMatchObject([{ verdict: "push", change: "delete" }]);
    }
  });
});

describe("what this machine does not take", () => {
  const judge = (refused: string): string | undefined =>
    refused === path ? "excluded" : undefined;

  test.each([
    ["A", "-", "A"],
    ["A", "-", "B"],
    ["A", "B", "C"],
    ["-", "-", "A"],
    ["A", "A", "-"],
  ] as const)("is left where it is: base %s, here %s, storage %s", (base, local, remote) => {
    const sides = { ...sidesOf(base, local, remote), judge };
    expect(findBothChanged(sides)).toEqual([]);
    const { items, notHere } = plan(sides);
    expect(items).toEqual([]);
    expect(notHere).toEqual(remote === "-" ? [] : [{ path, reason: "excluded" }]);
  });
});

describe("a first sync", () => {
  const first = (local: Version, remote: Version, judge: Sides["judge"] = () => undefined): Plan =>
    plan({ base: undefined, local: table(local), remote: table(remote), leftOut: [], judge });

  test.each([
    ["-", "-", false],
    ["A", "-", false],
    ["-", "A", false],
    ["A", "A", false],
    ["A", "B", true],
    ["A", "A*", true],
  ] as const)("here %s, storage %s: needs a choice: %s", (local, remote, needsChoice) => {
    expect(first(local, remote).needsChoice).toBe(needsChoice);
  });

  test("needs one where either side has something that the other has not", () => {
    const both = (a: string, b: string): Plan =>
      plan({
        base: undefined,
        local: new Map([[a, fileOf("A")!]]),
        remote: new Map([[b, fileOf("A")!]]),
        leftOut: [],
        judge: () => undefined,
      });
    expect(both("AGENTS.md", "prompts/a.md").needsChoice).toBe(true);
    expect(both("AGENTS.md", "AGENTS.md").needsChoice).toBe(false);
  });

  test("needs none where the storage has nothing for this machine", () => {
    expect(first("A", "B", () => "not for this machine").needsChoice).toBe(false);
  });

  test("is none where there is a base", () => {
    expect(plan(sidesOf("A", "B", "C")).needsChoice).toBe(false);
  });
});

test("items are sorted by path, and both sides counted", () => {
  const files = (...names: string[]): Map<string, RemoteFile> =>
    new Map(names.map((name) => [name, fileOf("A")!]));
  const { items, localCount, remoteCount } = plan({
    base: files("x"),
    local: files("z", "b", "x"),
    remote: files("y", "a", "x", "c"),
    leftOut: [],
    judge: () => undefined,
  });
  expect(items.map((item) => item.path)).toEqual(["a", "b", "c", "y", "z"]);
  expect([localCount, remoteCount]).toEqual([3, 4]);
});
