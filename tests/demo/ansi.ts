/** Characters of one look, side by side. */
export interface Span {
  text: string;
  /** `#rrggbb`; absent for the terminal's own. */
  color?: string;
  background?: string;
  isBold: boolean;
  isDim: boolean;
}

type Look = Omit<Span, "text"> & { isReversed: boolean };

const plain: Look = { isBold: false, isDim: false, isReversed: false };

/** Reads the lines of a terminal as `tmux capture-pane -e` gives them. */
export function readScreen(text: string): Span[][] {
  let look = plain;
  return text.split("\n").map((line) => {
    const spans: Span[] = [];
    for (const [, codes, said = ""] of line.matchAll(/(?:\u001b\[([\d;:]*)m)?([^\u001b]*)/g)) {
      if (codes !== undefined) look = applyCodes(look, codes);
      if (said !== "") spans.push(toSpan(look, said));
    }
    return spans;
  });
}

function toSpan({ isReversed, color, background, ...look }: Look, text: string): Span {
  const front = isReversed ? (background ?? "#1d1f21") : color;
  const back = isReversed ? (color ?? "#c5c8c6") : background;
  return { ...look, text, ...(front && { color: front }), ...(back && { background: back }) };
}

/** Select graphic rendition: ECMA-48, with the colours that terminals added. */
function applyCodes(before: Look, codes: string): Look {
  const rest = codes.split(/[;:]/).map(Number).values();
  let look = before;
  for (const code of rest) {
    if (code === 0) look = plain;
    else if (code === 1) look = { ...look, isBold: true };
    else if (code === 2) look = { ...look, isDim: true };
    else if (code === 22) look = { ...look, isBold: false, isDim: false };
    else if (code === 7) look = { ...look, isReversed: true };
    else if (code === 27) look = { ...look, isReversed: false };
    else look = applyColor(look, code, rest);
  }
  return look;
}

function applyColor(look: Look, code: number, rest: Iterator<number>): Look {
  const { color, background, ...other } = look;
  const keep = { ...(color && { color }), ...(background && { background }) };
  if (code === 39) return { ...other, ...(background && { background }) };
  if (code === 49) return { ...other, ...(color && { color }) };
  if (code === 38) return { ...other, ...keep, color: readColor(rest) };
  if (code === 48) return { ...other, ...keep, background: readColor(rest) };
  if (code >= 30 && code < 38) return { ...look, color: palette(code - 30) };
  if (code >= 90 && code < 98) return { ...look, color: palette(code - 82) };
  if (code >= 40 && code < 48) return { ...look, background: palette(code - 40) };
  return look;
}

function readColor(rest: Iterator<number>): string {
  const take = (): number => rest.next().value ?? 0;
  if (take() === 5) return palette(take());
  return toHex([take(), take(), take()]);
}

const named =
  "1d1f21 cc6666 b5bd68 f0c674 81a2be b294bb 8abeb7 c5c8c6 666666 d54e53 b9ca4a e7c547 7aa6da c397d8 70c0b1 eaeaea";

/** The 256 colours of xterm. */
function palette(index: number): string {
  const name = named.split(" ")[index];
  if (name !== undefined) return `#${name}`;
  if (index >= 232) return toHex(Array<number>(3).fill(8 + (index - 232) * 10));
  const cube = [36, 6, 1].map((step) => Math.floor((index - 16) / step) % 6);
  return toHex(cube.map((level) => (level === 0 ? 0 : 55 + level * 40)));
}

function toHex(channels: number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
