import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText } from "./copy.tsx";
import { formatCount } from "./format.ts";
import { watchCode } from "./highlight-in-view.ts";
import { showTurns } from "./plain.tsx";

const linesMax = 400;
const charsMax = 24_000;

/** Text with fixed widths, coloured where its language is known, and cut where it is long. */
export function Code(props: { text: string; language?: string; label: string }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? props.text : cutText(props.text);
  const hidden = props.text.length - shown.length;
  return (
    <div class="code-frame">
      <CodeText key={shown.length} text={showTurns(shown)} {...languageOf(props)} />
      <button
        type="button"
        class="copy-code quiet"
        aria-label={`Copy ${props.label}`}
        onClick={() => void copyText(props.text, "Text")}
      >
        Copy
      </button>
      {hidden > 0 && (
        <button type="button" class="show-all quiet" onClick={() => setWhole(true)}>
          Show {formatCount(hidden)} more characters
        </button>
      )}
    </div>
  );
}

/** The text's element is filled by hand, as the colours are: Preact does not look into it. */
function CodeText({ text, language = "" }: { text: string; language?: string }): JSX.Element {
  const holder = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    const code = holder.current?.firstElementChild;
    if (!code || holder.current === null) return undefined;
    code.textContent = text;
    return watchCode(holder.current);
  }, [text, language]);
  return (
    <pre ref={holder}>
      <code class={language === "" ? "" : `language-${language}`} />
    </pre>
  );
}

function languageOf({ language }: { language?: string }): { language?: string } {
  return language === undefined || !/^[\w+#.-]+$/.test(language) ? {} : { language };
}

function cutText(text: string): string {
  if (text.length > charsMax) return cutLines(text.slice(0, charsMax).toWellFormed());
  return cutLines(text);
}

function cutLines(text: string): string {
  let at = 0;
  for (let lines = 0; lines < linesMax; lines++) {
    at = text.indexOf("\n", at) + 1;
    if (at === 0) return text;
  }
  return text.slice(0, at);
}
