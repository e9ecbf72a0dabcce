import DOMPurify from "dompurify";
import { showTurns } from "./plain.tsx";

/** All that markdown and highlighted code need. No `id`, `name`, `style`, and nothing that loads. */
const allowed = {
  ALLOWED_TAGS:
    "p br hr h4 h5 h6 blockquote ul ol li pre code span strong em del a table thead tbody tr th td".split(
      " ",
    ),
  ALLOWED_ATTR: ["href", "class", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

/** The classes of highlight.js, of a code block's language, and of what stands in an image's place. */
const allowedClass = /^(?:hljs-[\w-]+|language-[\w+#.-]+|[a-z]+_{1,2}|image)$/;

// Only here is text what it will be: markdown can write any character as an entity.
DOMPurify.addHook("uponSanitizeElement", (node) => {
  if (node instanceof Text) node.data = showTurns(node.data);
});
DOMPurify.addHook("uponSanitizeAttribute", (_element, data) => {
  if (data.attrName !== "class") return;
  data.attrValue = data.attrValue
    .split(/\s+/)
    .filter((name) => allowedClass.test(name))
    .join(" ");
});
DOMPurify.addHook("afterSanitizeAttributes", (element) => {
  if (element.tagName !== "A") return;
  element.setAttribute("rel", "noopener noreferrer");
  element.setAttribute("target", "_blank");
});

/** HTML that was made of a session's text, as elements that can neither run, load nor disguise anything. */
export function sanitize(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, allowed);
}
