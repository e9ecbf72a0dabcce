/**
 * The texts of all elements of a name that hold nothing but text, in order. Enough for what S3
 * answers, and takes time in proportion to the text's length, whatever it holds.
 */
export function readElements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}>([^<]*)</${name}>`, "g");
  return Array.from(xml.matchAll(pattern), ([, text = ""]) => decodeEntities(text));
}

/** The text of the first element of a name; undefined where there is none. */
export function readElement(xml: string, name: string): string | undefined {
  return readElements(xml, name)[0];
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return named[name as string] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
}
