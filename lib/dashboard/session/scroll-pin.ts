/** What the view holds on to while messages load, grow and find their heights. */
type Pin = { kind: "message"; index: number } | { kind: "bottom" } | undefined;

/** Keeps a place in view until a person scrolls. */
export interface ScrollPin {
  toMessage(index: number): void;
  toBottom(): void;
  /** Whether the end is in view, or will be once what just came is drawn. */
  isAtBottom(): boolean;
  close(): void;
}

/** Nearer than this to the end is at the end, in pixels. */
const bottomMargin = 80;

/**
 * Watches `container`. `find` gives the element to show for a message: its own where it is drawn,
 * else its block.
 */
export function createScrollPin(
  container: HTMLElement,
  find: (index: number) => Element | undefined,
): ScrollPin {
  let pin: Pin;
  const align = (): void => {
    if (pin?.kind === "bottom") scrollTo({ top: document.documentElement.scrollHeight });
    if (pin?.kind === "message") find(pin.index)?.scrollIntoView({ block: "start" });
  };
  const letGo = (): void => {
    pin = undefined;
  };
  const resizes = new ResizeObserver(align);
  resizes.observe(container);
  const inputs = ["wheel", "touchmove", "keydown", "pointerdown"];
  // Before anybody else hears it: what a key does may be to pin the view anew.
  const options = { passive: true, capture: true };
  for (const input of inputs) addEventListener(input, letGo, options);
  return {
    toMessage(index) {
      pin = { kind: "message", index };
      align();
    },
    toBottom() {
      pin = { kind: "bottom" };
      align();
    },
    isAtBottom: () =>
      pin?.kind === "bottom" ||
      scrollY + innerHeight >= document.documentElement.scrollHeight - bottomMargin,
    close() {
      resizes.disconnect();
      for (const input of inputs) removeEventListener(input, letGo, options);
    },
  };
}
