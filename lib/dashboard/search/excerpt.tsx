import type { JSX } from "preact";
import { showTurns } from "../ui/plain.tsx";
import { splitRanges } from "./split-ranges.ts";

/** Some text of a hit, with the words that were looked for marked. */
export function Excerpt(props: {
  text: string;
  ranges: [start: number, end: number][];
}): JSX.Element {
  return (
    <bdi>
      {splitRanges(props.text, props.ranges).map(({ text, isMarked }, at) =>
        isMarked ? <mark key={at}>{showTurns(text)}</mark> : showTurns(text),
      )}
    </bdi>
  );
}
