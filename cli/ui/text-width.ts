/** How many columns a text takes in a terminal. Bun knows by itself, which saves half of the start. */
export const textWidth: (text: string) => number =
  process.versions["bun"] === undefined
    ? (await import("fast-string-width")).default
    : Bun.stringWidth;
