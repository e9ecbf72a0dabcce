import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Code } from "../ui/code.tsx";
import { Fold } from "../ui/fold.tsx";
import { formatCount } from "../ui/format.ts";
import { Markdown } from "../ui/markdown.tsx";
import { Plain, showTurns } from "../ui/plain.tsx";
import type { ItemPart } from "./pair-tools.ts";
import { toText } from "./read-tool.ts";
import { ToolCallView, ToolResultView } from "./tool.tsx";

/** What is shown of a part. */
export interface PartProps {
  part: ItemPart;
  /** The ends of lines are meant, as in a prompt. */
  breaks: boolean;
  /** What can be folded is open. */
  isOpen: boolean;
}

/** Text longer than this, in characters, is shown as it is first: a pasted log is not prose. */
const markdownMax = 60_000;
const shownMax = 20_000;

/** A part of a message, each kind in its own form. */
export function Part({ part, breaks, isOpen }: PartProps): JSX.Element {
  switch (part.kind) {
    case "text":
      return <Prose text={part.text} breaks={breaks} />;
    case "thinking":
      return (
        <Fold class="thinking" summary="Thinking" preview={part.text}>
          <Prose text={part.text} breaks={false} />
        </Fold>
      );
    case "tool-call":
      return <ToolCallView call={part} result={part.result} isOpen={isOpen} />;
    case "tool-result":
      return <ToolResultView result={part} />;
    case "mark":
      return <Mark {...part} />;
    case "image":
      return (
        <p class="image">
          <Plain text={part.text} />
        </p>
      );
    default:
      return (
        <Fold class="other" summary={showTurns(part.type)} preview={toText(part.content)}>
          <Code text={toText(part.content)} language="json" label="content" />
        </Fold>
      );
  }
}

function Mark(props: { mark: "branch" | "compaction"; title: string; text: string }): JSX.Element {
  return (
    <div class={`mark ${props.mark}`}>
      <p class="mark-title">
        <Plain text={props.title} />
      </p>
      {props.text.trim() !== "" && (
        <Fold class="mark-text" summary="Summary" preview={props.text}>
          <Prose text={props.text} breaks={false} />
        </Fold>
      )}
    </div>
  );
}

function Prose({ text, breaks }: { text: string; breaks: boolean }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  if (text.length <= markdownMax) return <Markdown text={text} breaks={breaks} />;
  return (
    <>
      <p class="plain-text">{showTurns(isWhole ? text : text.slice(0, shownMax).toWellFormed())}</p>
      {!isWhole && (
        <button type="button" class="show-all quiet" onClick={() => setWhole(true)}>
          Show {formatCount(text.length - shownMax)} more characters
        </button>
      )}
    </>
  );
}
