import { AppError } from "../errors.ts";
import { locateJsonError } from "./json-error.ts";

/**
 * The object that a JSON file holds. `path` is for messages; they never quote the text, which can
 * hold a key.
 *
 * @throws AppError "config" where it is not JSON, or something else than an object
 */
export function parseJsonObject(path: string, text: string): Record<string, unknown> {
  const content = parseJson(path, text);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw new AppError("config", `${path} does not hold a JSON object.`, {
    hint: 'It looks like {"name": "value", …}.',
  });
}

/** The parser's own message is left out: it can quote the file, and so a key. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const place = locateJsonError(text);
    const where = place === undefined ? "" : ` (line ${place.line}, column ${place.column})`;
    throw new AppError("config", `${path} is not valid JSON${where}.`, {
      hint: "Correct it there. JSON has no comments, and no comma after the last field.",
    });
  }
}
