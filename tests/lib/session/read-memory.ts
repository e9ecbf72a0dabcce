/** Reads a session file and prints what it holds and the most memory that it took. */
import { readFileSync } from "node:fs";

import { cutBytes, cutNote } from "../../../lib/session/cut.ts";
import { asArray, asRecord, asString } from "../../../lib/session/value.ts";
import { readAll } from "./support.ts";

const { entries, problems } = await readAll(process.argv[2] ?? "");
const image = asRecord(asArray(asRecord(entries[1]?.["message"])?.["content"])[0]);
const data = asString(image?.["data"]) ?? "";
const cut = cutBytes(data);
console.log(
  JSON.stringify({
    ids: entries.map(({ id }) => id),
    problems: problems.length,
    imageBytes: data.length - cutNote(cut).length + cut,
    peakMegabytes: peakMegabytes(),
  }),
);

/** On Linux, `maxRSS` begins with what the parent process had. */
function peakMegabytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024;
}
