import type { JSX } from "preact";
import { useErrorBoundary, useMemo } from "preact/hooks";
import { CopyButton, copyText } from "../ui/copy.tsx";
import { formatClock, formatCount, formatExact, formatLongDay } from "../ui/format.ts";
import { Plain } from "../ui/plain.tsx";
import { roleNames } from "../ui/roles.ts";
import type { Item, ItemPart } from "./pair-tools.ts";
import { Part } from "./part.tsx";
import type { PartProps } from "./part.tsx";
import { toMarkdown } from "./to-markdown.ts";

interface Props {
  item: Item;
  isTarget: boolean;
  /** The id that the address points to: what is folded around it opens. */
  targetId: string | undefined;
  href: string;
}

/** A message of the conversation. */
export function MessageArticle({ item, isTarget, targetId, href }: Props): JSX.Element {
  return useMemo(
    () => drawMessage({ item, isTarget, targetId, href }),
    [item, isTarget, targetId, href],
  );
}

function drawMessage({ item, isTarget, targetId, href }: Props): JSX.Element {
  const { message, parts } = item;
  if (item.shownIn !== undefined) return <div class="result-place" />;
  const isMark = parts.length === 1 && parts[0]?.kind === "mark";
  const isQuiet = item.isContinued || isMark;
  const classes = ["message", message.role, isQuiet && "is-continued", isTarget && "is-target"];
  return (
    <>
      {item.isFirstOfDay && <p class="day">{formatLongDay(message.createdAt)}</p>}
      <article
        class={classes.filter(Boolean).join(" ")}
        data-index={message.index}
        tabIndex={-1}
        aria-label={`${roleNames[message.role]}, ${formatClock(message.createdAt)}`}
      >
        <header class={isQuiet ? "message-head is-quiet" : "message-head"}>
          <h3>
            {roleNames[message.role]}
            {message.model && (
              <span class="model">
                <Plain text={message.model} />
              </span>
            )}
          </h3>
          <MessageFacts item={item} href={href} />
        </header>
        {parts.map((part, at) => (
          <SafePart
            key={at}
            part={part}
            breaks={message.role === "user"}
            isOpen={isAbout(part, targetId)}
          />
        ))}
      </article>
    </>
  );
}

/** A part that can't be drawn does not take the page with it. */
function SafePart(props: PartProps): JSX.Element {
  const [error] = useErrorBoundary();
  if (error === undefined) return <Part {...props} />;
  return <p class="plain-text">This part can't be shown here. An export has it.</p>;
}

function isAbout(part: ItemPart, targetId: string | undefined): boolean {
  if (part.kind !== "tool-call" || part.result === undefined) return false;
  return part.result.messageId === targetId;
}

function MessageFacts({ item, href }: { item: Item; href: string }): JSX.Element {
  const { message, parts } = item;
  const { promptTokens = 0, completionTokens = 0 } = message;
  const copyLink = (): void => void copyText(new URL(href, location.href).href, "Link");
  return (
    <span class="message-facts">
      {promptTokens + completionTokens > 0 && (
        <span class="tokens">
          {formatCount(promptTokens)} in, {formatCount(completionTokens)} out
        </span>
      )}
      <CopyButton class="quiet" what="Message" text={() => toMarkdown(parts)}>
        Copy
      </CopyButton>
      <a
        class="permalink"
        href={href}
        title={formatExact(message.createdAt)}
        aria-label={`Link to this message, ${formatExact(message.createdAt)}`}
        onClick={copyLink}
      >
        {formatClock(message.createdAt)}
      </a>
    </span>
  );
}
