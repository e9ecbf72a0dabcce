import { copyText } from "./copy.tsx";

/** Gives every block of code within `element` a button that copies it. */
export function addCopyButtons(element: Element): void {
  for (const pre of element.querySelectorAll("pre")) {
    const frame = document.createElement("div");
    frame.className = "code-frame";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-code quiet";
    button.textContent = "Copy";
    button.addEventListener("click", () => void copyText(pre.textContent, "Code"));
    pre.tabIndex = 0;
    pre.replaceWith(frame);
    frame.append(pre, button);
  }
}
