// Applies changes, or recovers, and is killed before the step of the given number.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { applyChanges } from "../../../../lib/settings/apply/apply.ts";
import type { FileChange } from "../../../../lib/settings/apply/place.ts";
import { recoverApply } from "../../../../lib/settings/apply/recover.ts";
import { placeIn } from "./support.ts";

const [home = "", work = "", lastStep = ""] = process.argv.slice(2);
let step = 0;
const place = {
  ...placeIn(home),
  onStep: () => {
    if (step++ === Number(lastStep)) process.kill(process.pid, "SIGKILL");
  },
};
if (work === "apply") await applyChanges(place, await readChanges());
else await recoverApply(place);

/** Contents are written as text. */
async function readChanges(): Promise<FileChange[]> {
  const changes = JSON.parse(await readFile(join(home, "changes.json"), "utf8")) as (Omit<
    FileChange,
    "after"
  > & { after?: { content: string; isExecutable: boolean } })[];
  return changes.map(({ path, before, after }) => ({
    path,
    before,
    after: after && { ...after, content: Buffer.from(after.content) },
  }));
}
