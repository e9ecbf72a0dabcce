import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "../ui/format.ts";
import { showTurns } from "../ui/plain.tsx";
import type { DiffLine } from "./diff-lines.ts";

const linesMax = 300;
const diffsMax = 20;
const classes: Record<DiffLine["sign"], string> = {
  " ": "same",
  "+": "added",
  "-": "removed",
  "…": "left-out",
};
const spoken: Record<DiffLine["sign"], string> = {
  " ": "",
  "+": "added: ",
  "-": "removed: ",
  "…": "",
};

/** What the edits of a call change, one after another. */
export function DiffViews({ diffs }: { diffs: DiffLine[][] }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? diffs : diffs.slice(0, diffsMax);
  return (
    <>
      {shown.map((lines, at) => (
        <DiffView key={at} lines={lines} />
      ))}
      {shown.length < diffs.length && (
        <button type="button" class="show-all quiet" onClick={() => setWhole(true)}>
          Show {formatCount(diffs.length - shown.length)} more edits
        </button>
      )}
    </>
  );
}

/** What an edit changes, line by line. */
function DiffView({ lines }: { lines: DiffLine[] }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? lines : lines.slice(0, linesMax);
  return (
    <div class="diff">
      {shown.map(({ sign, text }, at) => (
        <div key={at} class={`diff-line ${classes[sign]}`}>
          <span class="sign" aria-hidden="true">
            {sign === "-" ? "−" : sign}
          </span>
          <span class="diff-text">
            {spoken[sign] !== "" && <span class="visually-hidden">{spoken[sign]}</span>}
            {showTurns(text)}
          </span>
        </div>
      ))}
      {shown.length < lines.length && (
        <button type="button" class="show-all quiet" onClick={() => setWhole(true)}>
          Show {formatCount(lines.length - shown.length)} more lines
        </button>
      )}
    </div>
  );
}
