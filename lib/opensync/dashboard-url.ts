import { hostedBaseUrl, isLoopbackUrl } from "./base-url.ts";

/**
 * Where a person looks at sessions, or at one. The server on this machine has a page for each
 * session; OpenSync's dashboard has one for all, and no address that could be made from a
 * session's id.
 */
export function dashboardUrl(baseUrl: string, externalId?: string): string {
  if (isLoopbackUrl(baseUrl) && externalId !== undefined) {
    return `${baseUrl}/sessions/${encodeURIComponent(externalId)}`;
  }
  return baseUrl === hostedBaseUrl ? "https://app.opensync.dev" : baseUrl;
}
