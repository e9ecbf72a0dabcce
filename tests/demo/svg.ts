import type { Span } from "./ansi.ts";

/** A screen, and how long it stands. */
export interface Frame {
  screen: Span[][];
  ms: number;
}

const [cellWidth, lineHeight, padding] = [8.4, 18, 14];

/** Draws screens one after another, again and again, as one SVG that needs no script. */
export function drawFrames(frames: readonly Frame[], columns: number, rows: number): string {
  const totalMs = frames.reduce((sum, { ms }) => sum + ms, 0);
  let startMs = 0;
  const rules: string[] = [];
  const groups = frames.map(({ screen, ms }, index) => {
    const [from, to] = [startMs, (startMs += ms)].map((at) => ((at / totalMs) * 100).toFixed(3));
    // `step-end` keeps each state until the next: no frame fades into another.
    rules.push(
      `@keyframes f${index}{0%{visibility:hidden}${from}%{visibility:visible}${to}%{visibility:hidden}}`,
      `.f${index}{animation:f${index} ${totalMs}ms step-end infinite}`,
    );
    return `<g class="f${index}">${screen.map(drawLine).join("")}</g>`;
  });
  return drawWindow(`g{visibility:hidden}${rules.join("")}`, groups, columns, rows);
}

/** Draws one screen as an SVG. */
export function drawScreen(screen: Span[][], columns: number, rows: number): string {
  return drawWindow("", screen.map(drawLine), columns, rows);
}

function drawWindow(rules: string, content: string[], columns: number, rows: number): string {
  const width = Math.ceil(columns * cellWidth + 2 * padding);
  const height = rows * lineHeight + 2 * padding;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#c5c8c6}${rules}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#1d1f21"/>`,
    ...content,
    "</svg>\n",
  ].join("\n");
}

function drawLine(spans: readonly Span[], row: number): string {
  let column = 0;
  const y = padding + (row + 0.78) * lineHeight;
  const backgrounds: string[] = [];
  const texts: string[] = [];
  for (const span of spans) {
    const x = (padding + column * cellWidth).toFixed(1);
    const length = Bun.stringWidth(span.text);
    const width = (length * cellWidth).toFixed(1);
    if (span.background) {
      const top = (padding + row * lineHeight).toFixed(1);
      backgrounds.push(
        `<rect x="${x}" y="${top}" width="${width}" height="${lineHeight}" fill="${span.background}"/>`,
      );
    }
    // Viewers disagree about runs of blanks, so every run of words has its own place.
    for (const { 0: words, index } of span.text.matchAll(/\S+(?: \S+)*/g)) {
      const at = column + Bun.stringWidth(span.text.slice(0, index));
      texts.push(drawText(words, at, y, describe(span)));
    }
    column += length;
  }
  return backgrounds.join("") + texts.join("");
}

function drawText(text: string, column: number, y: number, look: string): string {
  const x = (padding + column * cellWidth).toFixed(1);
  const width = (Bun.stringWidth(text) * cellWidth).toFixed(1);
  return `<text x="${x}" y="${y.toFixed(1)}" textLength="${width}"${look}>${escape(text)}</text>`;
}

function describe({ color, isBold, isDim }: Span): string {
  return [
    color ? ` style="fill:${color}"` : "",
    isBold ? ' font-weight="bold"' : "",
    isDim ? ' opacity="0.6"' : "",
  ].join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
