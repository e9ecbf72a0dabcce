import { AppError } from "../errors.ts";

/** The hosted OpenSync. */
export const hostedBaseUrl = "https://api.opensync.dev";

const hostedHosts = new Set([
  "api.opensync.dev",
  "app.opensync.dev",
  "www.opensync.dev",
  "opensync.dev",
  "reminiscent-gull-645.convex.cloud",
  "reminiscent-gull-645.convex.site",
  "polished-penguin-622.convex.cloud",
  "polished-penguin-622.convex.site",
]);

/** Paths of the API itself, which people copy along with the address. */
const apiPath =
  /\/(health|sync(\/(session|message|batch|sessions\/list))?|api(\/(sessions|search|stats))?)$/;

/**
 * The address to send requests to, without a slash at its end, from what a person pasted: the
 * web page's address, a Convex client's address, or one with a path of the API or no scheme.
 *
 * A key must not travel in clear, so plain http is for this machine alone.
 *
 * @throws AppError "config" when it cannot be an OpenSync address.
 */
export function resolveBaseUrl(pasted: string): string {
  const url = parseUrl(pasted.trim());
  if (hostedHosts.has(url.hostname)) return hostedBaseUrl;
  if (url.search !== "" || url.hash !== "") {
    throw notAnAddress(`The address of ${url.host} has something after its path ("?" or "#").`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new AppError(
      "config",
      `The address http://${url.host} would send your API key in clear.`,
      {
        hint: `Use https://${url.host}. Plain http works only for this machine, such as http://127.0.0.1:3211.`,
      },
    );
  }
  const host = url.host.replace(/\.convex\.cloud$/, ".convex.site");
  return `${url.protocol}//${host}${withoutApiPath(url.pathname)}`;
}

/** Whether a base URL is of a server on this machine. */
export function isLoopbackUrl(baseUrl: string): boolean {
  return isLoopback(new URL(baseUrl).hostname);
}

/** Whether a host's name means this machine; an address of version 6 may stand in brackets. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replaceAll(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

function parseUrl(text: string): URL {
  if (text === "") throw notAnAddress("The OpenSync address is empty.");
  // Never repeated: it is a secret that went into the wrong field.
  if (text.startsWith("osk_")) throw notAnAddress("The OpenSync address is an API key.");
  const url = text.includes("://") ? tryUrl(text) : addScheme(text);
  if (url === undefined) throw notAnAddress("The OpenSync address is not a web address.");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw notAnAddress(`The OpenSync address starts with ${url.protocol}//, not with https://.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw notAnAddress("The OpenSync address contains a user name or password.");
  }
  return url;
}

function addScheme(text: string): URL | undefined {
  const url = tryUrl(`https://${text}`);
  return url !== undefined && isLoopback(url.hostname) ? tryUrl(`http://${text}`) : url;
}

function tryUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function withoutApiPath(path: string): string {
  return path.replace(/\/+$/, "").replace(apiPath, "").replace(/\/+$/, "");
}

function notAnAddress(message: string): AppError {
  return new AppError("config", message, {
    hint: `It looks like ${hostedBaseUrl}, https://<deployment>.convex.site or http://127.0.0.1:<port>.`,
  });
}
