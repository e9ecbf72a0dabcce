import { expect, test } from "bun:test";
import {
  countChanges,
  languageOf,
  readTool,
  summariseTool,
} from "../../../lib/dashboard/session/read-tool.ts";

test.each([
  { path: "a", oldText: "x", newText: "y" },
  { file_path: "a", old_string: "x", new_string: "y" },
  { filePath: "a", oldString: "x", newString: "y" },
  { path: "a", edits: [{ oldText: "x", newText: "y" }] },
  { path: "a", diff: "-x\n+y\n" },
  JSON.stringify({ path: "a", oldText: "x", newText: "y" }),
])("an edit is a diff: %j", (args) => {
  const view = readTool("edit", args);
  expect(view).toMatchObject({ kind: "edit", path: "a" });
  expect(view.kind === "edit" && countChanges(view.diffs)).toEqual({ added: 1, removed: 1 });
});

test("commands, new files and files read are told apart", () => {
  expect(readTool("bash", { command: "ls", timeout: 3 })).toEqual({
    kind: "command",
    command: "ls",
    rest: [{ name: "timeout", text: "3" }],
  });
  expect(readTool("write", { path: "a.py", content: "x" }).kind).toBe("write");
  expect(readTool("read", { path: "a.py", offset: 3 }).kind).toBe("read");
});

test("arguments of any shape are shown", () => {
  const shapes = [null, undefined, 3, "not JSON", [], [1], { a: { b: 1 } }, { edits: "x" }];
  for (const args of [...shapes, { edits: [null] }]) {
    expect(readTool("x", args).kind).toBe("other");
    expect(typeof summariseTool("x", args)).toBe("string");
  }
});

test("a summary is what the call is about, on one line", () => {
  expect(summariseTool("bash", { command: "ls\n  -la" })).toBe("ls -la");
  expect(summariseTool("grep", { pattern: "x", path: "src" })).toBe("x in src");
  expect(summariseTool("bash", { command: "y".repeat(500) })).toHaveLength(161);
});

test("a file's language is its extension, or its name", () => {
  expect(languageOf("/a/b.test.ts")).toBe("ts");
  expect(languageOf("C:\\x\\Dockerfile")).toBe("dockerfile");
  expect(languageOf("LICENSE")).toBeUndefined();
});
