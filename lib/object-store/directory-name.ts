/**
 * What no file system of Linux, macOS and Windows takes in a name, or keeps as it is: control
 * characters, what Windows reserves, and a dot or space at the end. `%` is what we encode with; a dot
 * at the beginning is for files of our own, and of the system's.
 */
const unfit = /[\0-\x1f\x7f%\\:*?"<>|]|^\.|[. ]$/g;
/** As above, and all but ASCII: Apple's file systems would give such names back in another form. */
const unfitUnstable = /[\0-\x1f\x7f%\\:*?"<>|]|[^\0-\x7f]|^\.|[. ]$/gu;
/** Windows keeps these names for devices, whatever comes behind a dot. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
/** Stands for a name without characters, as between the slashes of `a//b`: no key holds a NUL. */
const emptyName = "%00";

/** The name of the file or folder for one name of a key. */
export function toFileName(name: string): string {
  if (name === "") return emptyName;
  const fileName = encodeAll(name, unfit);
  return fileName === fileName.normalize("NFC") ? fileName : encodeAll(name, unfitUnstable);
}

/** The name that a file or folder stands for; undefined where it is none of ours. */
export function fromFileName(fileName: string): string | undefined {
  const stable = fileName.normalize("NFC");
  const name = stable === emptyName ? "" : decode(stable);
  return name !== undefined && toFileName(name) === stable ? name : undefined;
}

function encodeAll(name: string, pattern: RegExp): string {
  return name
    .replaceAll(pattern, encode)
    .replace(device, (word) => encode(word.slice(0, 1)) + word.slice(1));
}

function encode(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
