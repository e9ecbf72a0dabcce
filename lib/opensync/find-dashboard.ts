import { AppError } from "../errors.ts";
import { isLoopbackUrl } from "./base-url.ts";
import { dashboardUrl } from "./dashboard-url.ts";
import { OpenSyncError } from "./failure.ts";
import { send, type Target } from "./request.ts";

/** Whose dashboard, and what of it. */
export interface DashboardQuery {
  /** As `resolveBaseUrl` gives it. */
  baseUrl: string;
  /** A session's id; the whole dashboard without one. */
  externalId?: string | undefined;
  /** Called for a server on this machine alone, as it may have to run a command for the key. */
  openTarget: () => Promise<Target>;
}

/**
 * The address of the dashboard, or of a session on it, for a person to open. The server on this
 * machine adds what lets them in: such an address is good once, and for some minutes.
 *
 * @throws AppError "network" where the server on this machine does not run; OpenSyncError for what
 *   else can go wrong with asking it
 */
export async function findDashboard(query: DashboardQuery): Promise<string> {
  const { baseUrl, externalId, openTarget } = query;
  const url = dashboardUrl(baseUrl, externalId);
  return isLoopbackUrl(baseUrl) ? addLogin(url, await openTarget()) : url;
}

const timeoutMs = 5000;
const bytesMax = 64 * 1024;

async function addLogin(url: string, target: Target): Promise<string> {
  const [method, path, body] = ["POST", "/dashboard/api/links", "{}"] as const;
  try {
    const link = await send(target, { method, path, body, timeoutMs, bytesMax, read: readLink });
    return new URL(link.hash, url).href;
  } catch (error) {
    if (!(error instanceof OpenSyncError)) throw error;
    // An OpenSync that runs here and is not ours has its own way in.
    if (error.kind === "not-opensync") return url;
    throw error.kind === "unreachable" ? notRunning(target.baseUrl, error) : error;
  }
}

function readLink(json: unknown): URL | undefined {
  if (typeof json !== "object" || json === null || !("url" in json)) return undefined;
  const { url } = json;
  return typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
}

function notRunning(baseUrl: string, cause: unknown): AppError {
  const { port } = new URL(baseUrl);
  return new AppError("network", `The server at ${baseUrl} is not running.`, {
    hint: `Start it: pi-opensync serve --backfill${port === "" ? "" : ` --port ${port}`}`,
    cause,
  });
}
