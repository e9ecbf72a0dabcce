import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { testDashboard } from "../../../support/dashboard.ts";

test("what stood in a removed session stands in none of the server's files", async () => {
  await using board = await testDashboard();
  for (const session of ["kept", "gone"]) {
    await board.client.putMessage({
      sessionExternalId: session,
      externalId: "m",
      role: "user",
      parts: [{ type: "text", content: `a secret of ${session}, ${"and more, ".repeat(2000)}` }],
    });
  }
  await board.get("search?q=secret");
  expect(await findInFiles(board.server.databasePath, "secret of gone")).not.toEqual([]);
  await board.send("sessions/gone", { method: "DELETE" });
  expect(await findInFiles(board.server.databasePath, "secret of gone")).toEqual([]);
  expect(await findInFiles(board.server.databasePath, "secret of kept")).toEqual(["opensync.db"]);
});

async function findInFiles(databasePath: string, text: string): Promise<string[]> {
  const dir = dirname(databasePath);
  const names = await readdir(dir);
  const contents = await Promise.all(names.map((name) => readFile(join(dir, name))));
  return names.filter((_, i) => contents[i]?.includes(text));
}
