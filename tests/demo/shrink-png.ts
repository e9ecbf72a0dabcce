import { crc32, deflateSync, inflateSync } from "node:zlib";

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const coloursMax = 256;

/**
 * A screenshot in a quarter of the bytes: with a palette of its most used colours. The others, shades
 * at the edges of letters, become the nearest of these.
 */
export function shrinkPng(png: Uint8Array): Buffer {
  const chunks = readChunks(Buffer.from(png));
  const header = chunks.find(({ type }) => type === "IHDR")!.data;
  const [width, height, depth, kind] = [
    header.readUInt32BE(0),
    header.readUInt32BE(4),
    header[8],
    header[9],
  ];
  if (depth !== 8 || kind !== 2 || header[12] !== 0) throw new Error("not a PNG of Chromium's");
  const data = chunks.filter(({ type }) => type === "IDAT").map((chunk) => chunk.data);
  const pixels = unfilter(inflateSync(Buffer.concat(data)), width, height);
  const palette = mostUsed(pixels);
  const indices = toIndices(pixels, palette);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    lines.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  const paletteHeader = Buffer.from(header);
  paletteHeader[9] = 3;
  const colours = palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  return Buffer.concat([
    signature,
    chunk("IHDR", paletteHeader),
    chunk("PLTE", Buffer.from(colours)),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function readChunks(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}

/** Colours as numbers, `0xrrggbb`, from lines that hold differences to what is left and above. */
function unfilter(raw: Buffer, width: number, height: number): Uint32Array {
  const bytes = width * 3;
  let above = new Uint8Array(bytes);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = y * (bytes + 1);
    const line = new Uint8Array(raw.subarray(start + 1, start + 1 + bytes));
    for (let x = 0; x < bytes; x++) {
      const left = x < 3 ? 0 : line[x - 3]!;
      const corner = x < 3 ? 0 : above[x - 3]!;
      line[x] = line[x]! + predict(raw[start]!, left, above[x]!, corner);
    }
    for (let x = 0; x < width; x++) {
      const [r, g, b] = line.subarray(x * 3, x * 3 + 3);
      pixels[y * width + x] = (r! << 16) | (g! << 8) | b!;
    }
    above = line;
  }
  return pixels;
}

/** What a filter of PNG expects of a byte (PNG specification, section 9). */
function predict(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(guess - value));
  if (a! <= b! && a! <= c!) return left;
  return b! <= c! ? above : corner;
}

function mostUsed(pixels: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, coloursMax).map(([colour]) => colour);
}

function toIndices(pixels: Uint32Array, palette: readonly number[]): Uint8Array {
  const known = new Map(palette.map((colour, index) => [colour, index]));
  return Uint8Array.from(pixels, (colour) => {
    const index = known.get(colour) ?? nearest(colour, palette);
    known.set(colour, index);
    return index;
  });
}

function nearest(colour: number, palette: readonly number[]): number {
  const distances = palette.map((other) =>
    [16, 8, 0].reduce(
      (sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2,
      0,
    ),
  );
  return distances.indexOf(Math.min(...distances));
}
