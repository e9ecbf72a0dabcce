import { expect, test } from "bun:test";

import { detectCaseFolding, findClashes } from "../../../../lib/settings/apply/clashes.ts";
import { applyHome } from "./support.ts";

test("names that differ only in case clash, among each other and with what is there", async () => {
  await using home = await applyHome({ "skills/foo/a.md": "a", "themes/dark.json": "{}" });
  const paths = ["skills/Foo/b.md", "themes/Dark.json", "prompts/x.md", "prompts/X.md"];
  const clashes = await findClashes(home.place.agentDir, paths, true);
  expect([...clashes.keys()].sort()).toEqual([
    "prompts/X.md",
    "skills/Foo/b.md",
    "themes/Dark.json",
  ]);
});

test("the same names do not clash, nor any where case tells names apart", async () => {
  await using home = await applyHome({ "skills/foo/a.md": "a", "skills/foo/c/d.md": "d" });
  const { agentDir } = home.place;
  const same = ["skills/foo/a.md", "skills/foo/b.md", "skills/foo/c/d.md"];
  expect([...(await findClashes(agentDir, same, true))]).toEqual([]);
  expect([...(await findClashes(agentDir, ["skills/Foo/a.md", "skills/foo/A.md"], false))]).toEqual(
    [],
  );
});

test.skipIf(process.platform !== "linux")("Linux tells names apart by case", async () => {
  await using home = await applyHome();
  expect(await detectCaseFolding(home.place.agentDir)).toBe(false);
});
