/** Text of a file, and how a place in it becomes one of the file's first reading. */
export interface Reading {
  readonly text: string;
  /** Where a place of this text is in the text that lines are counted in. */
  readonly toPlace: (at: number) => number;
}

/**
 * Content as texts to search, the first of which is the one that lines are counted in: as UTF-8, as
 * UTF-16 that says so in its first bytes, else byte by byte (latin1). Bytes with zeros among them
 * are also read as UTF-16 from either end, as programs hold text in their data.
 */
export function readTexts(content: Uint8Array): Reading[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return [plain(bytes.subarray(2).toString("utf16le"))];
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return [plain(readBigEndian(bytes))];
  if (!bytes.includes(0)) return [plain(readUtf8(bytes) ?? bytes.toString("latin1"))];
  return [plain(bytes.toString("latin1")), readWide(bytes, 0), readWide(bytes, 1)];
}

function plain(text: string): Reading {
  return { text, toPlace: (at) => at };
}

/** Latin letters of the other byte order come out right, too, with an offset of one. */
function readWide(bytes: Buffer, offset: number): Reading {
  const text = bytes.subarray(offset).toString("utf16le");
  return { text, toPlace: (at) => offset + 2 * at };
}

function readBigEndian(bytes: Buffer): string {
  const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
  return Buffer.from(even).swap16().toString("utf16le");
}

function readUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
