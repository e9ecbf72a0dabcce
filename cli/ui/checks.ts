import { isatty } from "node:tty";

import type { Check, Status } from "../../lib/doctor/check.ts";
import { renderChecks, renderTally } from "../../lib/doctor/render.ts";
import { outputWidth } from "./width.ts";

/** How checks are shown. */
interface ChecksShown {
  /** Leave out what is well. */
  quiet: boolean;
  /** A line above the tally. */
  note?: string;
}

/** Checks as this terminal shows them, and how many came to what. */
export function showChecks(checks: readonly Check[], { quiet, note }: ChecksShown): string {
  const shown = quiet ? checks.filter(({ status }) => status !== "well") : checks;
  const style = { width: outputWidth(), env: process.env, paint };
  return [
    ...(shown.length > 0 ? [renderChecks(shown, style), ""] : []),
    ...(note === undefined ? [] : [note]),
    renderTally(checks),
    "",
  ].join("\n");
}

const colours: Record<Status, number> = { well: 32, warning: 33, failure: 31 };

function paint(status: Status, sign: string): string {
  const isColourful = isatty(1) && !process.env["NO_COLOR"];
  return isColourful ? `\u001b[${colours[status]}m${sign}\u001b[0m` : sign;
}
