/** Prints what CHANGELOG.md says of this version, for the notes of its release. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };

const changelog = await readFile(join(import.meta.dirname, "../../CHANGELOG.md"), "utf8");
const section = changelog
  .split(/^(?=## )/m)
  .find((text) => text.startsWith(`## [${manifest.version}]`));
if (section === undefined) {
  throw new Error(`CHANGELOG.md says nothing of version ${manifest.version}`);
}
process.stdout.write(section.slice(section.indexOf("\n") + 1).trimStart());
