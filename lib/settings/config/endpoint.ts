import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

import { parseText } from "../../config/schema.ts";
import { isLoopbackUrl } from "../../opensync/base-url.ts";

/** No path that a person means holds one. */
const control = /\p{Cc}/u;

/**
 * Where a storage is, as a person wrote it: an address without slashes at its end, or the path of
 * a folder. Undefined where it is neither, or where the address would send the settings in clear.
 */
export function parseEndpoint(value: unknown): string | undefined {
  const text = parseText(value) ?? "";
  if (text.length > 2048 || control.test(text)) return undefined;
  if (isAbsolute(text) || /^~(?:\/|$)/.test(text)) return text;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === "file:" ? parseFileUrl(url) : parseWebAddress(url);
}

/** Whether an endpoint is a folder. */
export function isFolderEndpoint(endpoint: string | undefined): boolean {
  return endpoint !== undefined && !/^https?:\/\//.test(endpoint);
}

/** Whether an endpoint is Cloudflare's R2, which has one region. */
export function isR2Endpoint(endpoint: string | undefined): boolean {
  if (endpoint === undefined || isFolderEndpoint(endpoint)) return false;
  return new URL(endpoint).hostname.endsWith(".r2.cloudflarestorage.com");
}

/** An address with a host, or an escaped slash, names no file of this machine. */
function parseFileUrl(url: URL): string | undefined {
  try {
    const path = url.hostname === "" ? fileURLToPath(url) : "";
    return isAbsolute(path) && !control.test(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function parseWebAddress(url: URL): string | undefined {
  const { protocol, origin, pathname, username, password, search, hash } = url;
  const isClean = [username, password, search, hash].every((part) => part === "");
  const isSafe = protocol === "https:" || (protocol === "http:" && isLoopbackUrl(url.href));
  return isClean && isSafe ? origin + pathname.replace(/\/+$/, "") : undefined;
}
