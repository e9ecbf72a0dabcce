import type { Login } from "../api.ts";
import { logIn, RequestFailed } from "./api-client.ts";

/** Where the token is kept: for this origin, the port included. */
const storageKey = "pi-opensync.login";
const linkPattern = /^#login=(.+)$/;

/** The token of this browser, or undefined where there is none that is still good. */
export function readToken(): string | undefined {
  try {
    const login = JSON.parse(localStorage.getItem(storageKey) ?? "null") as Login | null;
    return login !== null && login.expiresAt > Date.now() ? login.token : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets `token`, unless another tab has a newer one by now; gives what is there then. */
export function forgetToken(token: string): string | undefined {
  const kept = readToken();
  if (kept === token) localStorage.removeItem(storageKey);
  return kept === token ? undefined : kept;
}

/** Whether the address holds a one-time link. */
export function hasLoginLink(): boolean {
  return linkPattern.test(location.hash);
}

/**
 * Takes the one-time link out of the address and exchanges it for a token, which is kept. Gives why
 * it did not work, in words for a person.
 */
export async function takeLoginLink(): Promise<string | undefined> {
  const link = linkPattern.exec(location.hash)?.[1];
  history.replaceState(history.state, "", location.pathname + location.search);
  if (link === undefined) return undefined;
  try {
    localStorage.setItem(storageKey, JSON.stringify(await logIn(decodeURIComponent(link))));
    return undefined;
  } catch (error) {
    if (!(error instanceof RequestFailed)) return "The link is not readable.";
    return error.status === 401 ? "This link was used before, or is too old." : error.message;
  }
}
