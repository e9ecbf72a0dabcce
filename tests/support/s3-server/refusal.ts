/** An answer that is an error, in S3's words. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** What the XML holds besides code and message, by element. */
  readonly details: Record<string, string>;

  constructor(status: number, code: string, message: string, details: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  toXml(): string {
    const fields = { Code: this.code, Message: this.message, ...this.details, RequestId: "0A1B2C" };
    return document(element("Error", fieldsOf(fields)));
  }
}

/** A whole XML document around a root element. */
export function document(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

/** One element around what is XML already. */
export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

/** Elements of plain text, one for each field. */
export function fieldsOf(fields: Record<string, string | number | boolean>): string {
  return Object.entries(fields)
    .map(([name, value]) => element(name, escapeXml(String(value))))
    .join("");
}

/** As S3 does it: characters that mean something in XML by name, those below space by number. */
function escapeXml(text: string): string {
  const named: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot" };
  return text.replace(
    /[&<>"\u0000-\u001f]/g,
    (character) => `&${named[character] ?? `#x${character.charCodeAt(0).toString(16)}`};`,
  );
}
