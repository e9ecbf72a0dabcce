import { Marked } from "marked";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { addCopyButtons } from "./copy-code.ts";
import { watchCode } from "./highlight-in-view.ts";
import { sanitize } from "./sanitize.ts";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const parser = new Marked({
  gfm: true,
  renderer: {
    // HTML in a conversation is talked about, not meant: it is shown as it was written.
    html: ({ text }) => escapeHtml(text),
    image: ({ text, href }) =>
      `<span class="image">[image: ${escapeHtml([text, href].filter(Boolean).join(" – "))}]</span>`,
    // The headings of the page stand above those of a message.
    heading({ tokens, depth }) {
      const tag = `h${Math.min(depth + 3, 6)}`;
      return `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/** Markdown from a session, formatted. `breaks`: every end of a line is one, as in a prompt. */
export function Markdown({
  text,
  breaks = false,
}: {
  text: string;
  breaks?: boolean;
}): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    element.replaceChildren(sanitize(toHtml(text, breaks)));
    addCopyButtons(element);
    return watchCode(element);
  }, [text, breaks]);
  return <div class="markdown" ref={holder} />;
}

function toHtml(text: string, breaks: boolean): string {
  try {
    return parser.parse(text, { async: false, breaks });
  } catch {
    // Quotes and lists that nest without end exhaust the stack.
    return `<p>${escapeHtml(text)}</p>`;
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
}
