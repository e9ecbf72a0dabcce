import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { openDatabase } from "../../../../lib/server/database.ts";
import { initial } from "../../../../lib/server/migrations/0001-initial.ts";
import { testApp } from "../../../support/app.ts";
import { tempDir } from "../../../support/temp.ts";

const call = (name: unknown) => ({ type: "tool-call" as const, content: { name, args: {} } });
const toolsOf = "SELECT session_id AS id, tool, calls FROM session_tools ORDER BY 1, 2";

test("a database of the first version gets times and counts of what is in it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "test.db");
  const old = new Database(path);
  old.run(`${initial}; PRAGMA user_version = 1`);
  for (const id of [1, 2]) {
    old.run(
      `INSERT INTO sessions VALUES (${id}, 's${id}', '[Fork::abc] x', NULL, 'p', NULL, NULL, 'pi',
         0, 0, 0, 0, NULL, 0, 50, 60)`,
    );
  }
  for (const [id, parts] of [
    [call("bash"), call("bash"), call({})],
    [call("read")],
    [],
  ].entries()) {
    old
      .prepare(
        "INSERT INTO messages VALUES (?, 1, ?, 'user', ?, NULL, NULL, NULL, NULL, NULL, 'tool-call', ?)",
      )
      .run(id + 1, String(id), 100 - id, JSON.stringify(parts));
  }
  old.close();
  using database = openDatabase(path);
  expect(
    database.query("SELECT last_message_at AS at, project, fork_of AS fork FROM sessions").all(),
  ).toEqual([
    { at: 100, project: "p", fork: "abc" },
    { at: 50, project: "p", fork: "abc" },
  ]);
  expect(database.query(toolsOf).all()).toEqual([
    { id: 1, tool: "bash", calls: 2 },
    { id: 1, tool: "read", calls: 1 },
    { id: 1, tool: "{}", calls: 1 },
  ]);
});

test("tools are counted as messages come, change and go", async () => {
  await using app = await testApp();
  const put = (externalId: string, parts: ReturnType<typeof call>[]) =>
    app.api.putMessage({ sessionExternalId: "s", externalId, role: "assistant", parts });
  await put("a", [call("bash"), call("bash"), call("read")]);
  await put("b", [call("bash")]);
  expect(app.query(toolsOf).map(({ tool, calls }) => [tool, calls])).toEqual([
    ["bash", 3],
    ["read", 1],
  ]);
  await put("a", [call("bash"), call("edit")]);
  await put("b", [call("bash")]);
  expect(app.query(toolsOf).map(({ tool, calls }) => [tool, calls])).toEqual([
    ["bash", 2],
    ["edit", 1],
  ]);
  await put("a", []);
  expect(app.query(toolsOf).map(({ tool, calls }) => [tool, calls])).toEqual([["bash", 1]]);
});
