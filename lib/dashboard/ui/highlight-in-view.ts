const charsMax = 30_000;
/** The patterns of some languages take the square of its length for a word; this is none of a person. */
const longWord = /\S{1000}/;
/** Code that is about to be seen is coloured already. */
const margin = "400px";

let observer: IntersectionObserver | undefined;

/** Colours the code within `element` when it comes into view; gives what ends that. */
export function watchCode(element: Element): () => void {
  const blocks = [...element.querySelectorAll("pre > code[class*='language-']")];
  observer ??= new IntersectionObserver(colourSeen, { rootMargin: margin });
  for (const block of blocks) observer.observe(block);
  return () => {
    for (const block of blocks) observer?.unobserve(block);
  };
}

function colourSeen(entries: IntersectionObserverEntry[]): void {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer?.unobserve(target);
    void colour(target);
  }
}

async function colour(code: Element): Promise<void> {
  const language = /(?:^|\s)language-(\S+)/.exec(code.className)?.[1];
  const text = code.textContent;
  if (language === undefined || text.length > charsMax || longWord.test(text)) return;
  // Most of the page's size, and not needed to show it: where it does not come, code stays plain.
  const highlighter = await import("./highlight.ts").catch(() => undefined);
  const coloured = highlighter?.highlight(text, language);
  if (coloured !== undefined && code.isConnected) code.replaceChildren(coloured);
}
