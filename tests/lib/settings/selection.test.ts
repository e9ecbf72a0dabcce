import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  findCollisions,
  judgeFolder,
  judgeForm,
  judgePath,
  judgeTarget,
  listRoots,
  temporaryPath,
} from "../../../lib/settings/selection.ts";

const nothing = { include: [], exclude: [] };

test.each([
  "settings.json",
  "keybindings.json",
  "models.json",
  "AGENTS.md",
  "APPEND_SYSTEM.md",
  "skills/a.md",
  "skills/deep/er/b",
  "prompts/p.md",
  "themes/design-tokens.json",
  "extensions/token-counter.ts",
  "extensions/my-secret/index.ts",
  "extensions/mine/auth.json",
  "extensions/mine/sessions/list.ts",
  "extensions/mine/cache/index.ts",
  "extensions/pi-opensync/index.ts",
  "extensions/bun.lock",
  "extensions/environment.ts",
  "skills/with space/é and 👩‍👩‍👧.md",
  "skills/.hidden",
  "skills/.gitignore",
  "skills/conflict-2026-08-01.md",
  "skills/console.md",
  "skills/nul-values.md",
])("%j is synced", (path) => {
  expect(judgePath(path, nothing)).toBeUndefined();
});

test.each([
  ["auth.json", "holds credentials"],
  ["AUTH.json", "holds credentials"],
  ["mcp-auth.json", "holds credentials"],
  ["skills/.env", "holds credentials (.env)"],
  ["skills/.env.local", "holds credentials (.env)"],
  ["extensions/a/prod.env", "holds credentials (.env)"],
  ["extensions/a/.ENV", "holds credentials (.env)"],
  ["extensions/a/node_modules/b/c.js", "a dependency folder"],
  ["skills/a/.git/hooks/post-checkout", "the inside of a Git repository"],
  ["skills/a/.GIT/config", "the inside of a Git repository"],
  ["skills/a/.git", "the inside of a Git repository"],
  ["sessions/a.jsonl", "pi's sessions"],
  ["pi-sync.local.json", "the configuration of pi-sync, for this machine"],
  ["pi-sync.json", "the configuration of pi-sync, for this machine"],
  [".pisync/state.json", "the state of pi-sync on this machine"],
  ["pi-opensync/state.json", "the state of pi-opensync on this machine"],
  ["cache/a", "a cache"],
  ["extensions/.cache/a", "a cache"],
  ["extensions/__pycache__/a.pyc", "a cache"],
  ["AGENTS.md.conflict-2026-08-01-laptop", "the other side of a conflict"],
  ["skills/a.conflict-20260801-my-mac", "the other side of a conflict"],
  ["skills/.a.md.pi-opensync-00ff.tmp", "a temporary file of pi-opensync"],
  ["skills/a.md.0123456789ab.tmp", "a temporary file of pi-opensync"],
  ["skills/.DS_Store", "made by the operating system"],
  ["skills/Thumbs.db", "made by the operating system"],
  ["skills/desktop.ini", "made by the operating system"],
  ["skills/._a.md", "made by the operating system"],
  ["skills/a.md~", "left over by an editor"],
  ["skills/.a.md.swp", "left over by an editor"],
  ["models.json.lock/x", "a lock folder"],
  ["extensions/a.json.lock/x", "a lock folder"],
])("%j is refused, whatever is included", (path, reason) => {
  const include = [path, path.split("/")[0]!];
  expect(judgePath(path, { include, exclude: [] })).toBe(reason);
});

test.each([
  ["", "an empty path"],
  ["/etc/passwd", "not a path below the agent directory"],
  ["C:/a", "not a path below the agent directory"],
  ["skills/../../a", "not a path below the agent directory"],
  ["..", "not a path below the agent directory"],
  ["skills/./a", "not a path below the agent directory"],
  ["skills//a", "not a path below the agent directory"],
  ["skills/a/", "not a path below the agent directory"],
  ["skills/a\0b", "a control character in its name"],
  ["skills/a\nb", "a control character in its name"],
  ["skills/a\u009bb", "a control character in its name"],
  ["skills/\ud800", "its name is not Unicode"],
  ["skills/\ufffd", "its name is not Unicode"],
  ["skills\\..\\a", "a character in its name that Windows does not allow"],
  ["skills/a:b", "a character in its name that Windows does not allow"],
  ["skills/a?", "a character in its name that Windows does not allow"],
  ["skills/a.", "a name that ends as Windows does not allow"],
  ["skills/a /b", "a name that ends as Windows does not allow"],
  ["skills/...", "a name that ends as Windows does not allow"],
  ["skills/con", "a name that Windows reserves"],
  ["skills/Aux.md", "a name that Windows reserves"],
  ["skills/com1.tar.gz/x", "a name that Windows reserves"],
  [`skills/${"é".repeat(128)}`, "its name is too long"],
  [`skills/${"abcdefgh/".repeat(120)}a`, "its path is too long"],
])("%j is no path that can be synced", (path, reason) => {
  expect(judgePath(path, { include: [path], exclude: [] })).toBe(reason);
});

test("a name of 255 bytes is synced", () => {
  expect(judgePath(`skills/${"a".repeat(255)}`, nothing)).toBeUndefined();
});

test("what is not selected is not synced", () => {
  const others = [
    "bin/fd",
    "README.md",
    "Settings.json",
    "skills",
    "settings.json/a",
    "skillset/a",
  ];
  for (const path of others) expect(judgePath(path, nothing)).toBe("not among what is synced");
});

test("a folder of the selection is one, and no file", () => {
  expect(judgeFolder("skills", nothing)).toBeUndefined();
  expect(judgeFolder("settings.json", nothing)).toBe("not among what is synced");
});

test("files and folders are included", () => {
  const selection = { include: ["agents/", "./notes/todo.md"], exclude: [] };
  expect(judgePath("agents/a/b.md", selection)).toBeUndefined();
  expect(judgePath("notes/todo.md", selection)).toBeUndefined();
  expect(judgePath("notes/other.md", selection)).toBe("not among what is synced");
  expect(judgePath("agents.md", selection)).toBe("not among what is synced");
});

test("the search starts at what is selected, and nowhere twice", () => {
  const roots = listRoots({
    include: ["agents/", "agents/a.md", "skills/mine", "./x", "x/"],
    exclude: [],
  });
  expect(roots).toEqual([...listRoots(nothing), "agents", "x"].sort());
  expect(listRoots(nothing)).toHaveLength(9);
});

describe("an exclusion", () => {
  test.each([
    ["drafts", "skills/a/drafts/b.md", true],
    ["drafts/", "skills/drafts/b.md", true],
    ["*.log", "extensions/a/b.log", true],
    ["*.log", "extensions/a/b.logs", false],
    ["a?.md", "skills/ab.md", true],
    ["skills/a", "skills/a/b.md", true],
    ["/skills/a", "skills/a/b.md", true],
    ["./skills/a", "skills/a/b.md", true],
    ["a/b.md", "skills/a/b.md", false],
    ["**/a/b.md", "skills/x/a/b.md", true],
    ["skills/*/b.md", "skills/a/b.md", true],
    ["skills/**/b.md", "skills/a/c/b.md", true],
    ["settings.json", "settings.json", true],
    ["caf\u00e9.md", "skills/cafe\u0301.md", true],
    ["", "skills/a", false],
    ["/", "skills/a", false],
    ["/.", "skills/a", false],
  ])("%j of %j: %p", (glob, path, isExcluded) => {
    const reason = judgePath(path, { include: [], exclude: [glob] });
    expect(reason).toBe(isExcluded ? "excluded by your configuration" : undefined);
  });
});

test("what keeps a folder out keeps out all that is in it", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "skills",
      "a",
      ".git",
      "x.lock",
      ".env",
      "con",
      "a~",
      "b.log",
      "..",
      "",
      "auth.json",
    ),
    fc.string({ maxLength: 4 }),
  );
  const selection = { include: ["a", "x.lock"], exclude: ["*.log", "skills/a"] };
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (folder, below) => {
      const path = folder.join("/");
      fc.pre(judgeFolder(path, selection) !== undefined);
      expect(judgePath(`${path}/${below}`, selection)).toBeDefined();
    }),
  );
});

test("whatever passes stays below the agent directory, on every system", () => {
  const piece = fc.constantFrom("..", ".", "/", "\\", "a", "C:", "\0", " ", "é", "nul", "skills/");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const path = pieces.join("");
      fc.pre(judgeForm(path) === undefined);
      expect(path).toMatch(/^[^\\:\0/]+(\/[^\\:\0/]+)*$/);
      for (const name of path.split("/")) expect(name).not.toMatch(/^nul$|[. ]$/);
    }),
    { numRuns: 500 },
  );
});

test("a link may lead to what is not selected, and to nothing that is refused", () => {
  expect(judgeTarget("my-skills/a.md", "file")).toBeUndefined();
  expect(judgeTarget("auth.json", "file")).toBe("holds credentials");
  expect(judgeTarget("a.lock", "file")).toBeUndefined();
  expect(judgeTarget("a.lock", "folder")).toBe("a lock folder");
});

describe("a temporary file", () => {
  test.each(["AGENTS.md", "skills/a b/é.md", "skills/.hidden", `skills/${"👩".repeat(63)}`])(
    "of %j stands beside it, is known and never synced",
    (path) => {
      const temporary = temporaryPath(path, "00ff");
      expect(temporary.split("/").slice(0, -1)).toEqual(path.split("/").slice(0, -1));
      expect(judgeTarget(temporary, "file")).toBe("a temporary file of pi-opensync");
    },
  );

  test("has the name of its file", () => {
    expect(temporaryPath("skills/a.md", "12ab")).toBe("skills/.a.md.pi-opensync-12ab.tmp");
  });
});

test.each([
  [["skills/a.md", "skills/A.md"], 1],
  [["skills/caf\u00e9", "skills/cafe\u0301"], 1],
  [["skills/\u017ft", "skills/St"], 1],
  [["skills/Foo/a", "skills/foo/b"], 1],
  [["skills/Foo/a", "skills/foo"], 1],
  [["skills/foo/a", "skills/foo"], 1],
  [["skills/a", "skills/b", "themes/A", "skills/a/b"], 1],
  [["skills/a", "skills/b", "skills/c/a", "skills/c/b"], 0],
])("collisions of %j: %p", (paths, count) => {
  expect(findCollisions(paths)).toHaveLength(count);
});

test("a collision names both paths", () => {
  expect(findCollisions(["a/x", "b", "A/y", "B"])).toEqual([
    ["a/x", "A/y"],
    ["b", "B"],
  ]);
});
