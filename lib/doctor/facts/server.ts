import { AppError } from "../../errors.ts";
import type { OpenSyncClient } from "../../opensync/client.ts";
import { OpenSyncError } from "../../opensync/failure.ts";
import type { FailureKind } from "../../opensync/failure.ts";
import { readHealth } from "../../opensync/incoming.ts";
import type { Fetch } from "../../opensync/request.ts";
import type { Clock } from "../../platform/clock.ts";
import { startDeadline } from "../../platform/deadline.ts";
import { classifyNetworkError } from "../../platform/network-error.ts";
import type { NetworkTrouble } from "../../platform/network-error.ts";
import type { Env } from "../../platform/paths.ts";
import { probeRoute } from "./route.ts";
import type { RouteFacts } from "./route.ts";

/** How the server answers. */
export interface ServerFacts {
  baseUrl: string;
  /** The way to it, step by step. */
  route: RouteFacts;
  /** The variable that names a proxy for it. The proxy itself may be named with a password. */
  proxyVariable?: string;
  health: HealthFacts;
  key: KeyFacts;
}

/** What `GET /health` came to. */
export type HealthFacts =
  | { kind: "none"; trouble: NetworkTrouble }
  | {
      kind: "answer";
      status: number;
      /** The media type of the answer, such as "text/html". */
      mediaType: string;
      isOpenSync: boolean;
      /** Where it redirects to, as an origin. */
      redirectsTo?: string;
      latencyMs: number;
      /** How far the server's clock is ahead of this machine's; negative where it is behind. */
      skewMs?: number;
    };

/** What came of asking with the key. */
export type KeyFacts =
  | { isAccepted: true }
  | { isAccepted: false; kind?: FailureKind; message: string };

/** What asking a server takes. */
export interface ServerTools {
  client: OpenSyncClient;
  fetch: Fetch;
  clock: Clock;
  env: Env;
}

/** All of it together takes no longer. */
const timeoutMs = 5000;

/** Asks the server what can be asked without writing anything, all side by side. */
export async function lookAtServer(baseUrl: string, tools: ServerTools): Promise<ServerFacts> {
  const deadline = startDeadline(timeoutMs);
  try {
    const [route, health, key] = await Promise.all([
      probeRoute(new URL(baseUrl), tools.clock, deadline.signal),
      askHealth(baseUrl, tools, deadline.signal),
      askWithKey(tools.client, deadline.signal),
    ]);
    const proxyVariable = findProxyVariable(baseUrl, tools.env);
    return { baseUrl, route, ...(proxyVariable && { proxyVariable }), health, key };
  } finally {
    deadline.end();
  }
}

async function askHealth(
  baseUrl: string,
  { fetch, clock }: ServerTools,
  signal: AbortSignal,
): Promise<HealthFacts> {
  const askedAtMs = clock.now();
  try {
    const init = { headers: { accept: "application/json" }, redirect: "manual", signal } as const;
    const response = await fetch(`${baseUrl}/health`, init);
    const text = await response.text();
    const latencyMs = clock.now() - askedAtMs;
    return { ...describeAnswer(response, text, askedAtMs + latencyMs / 2), latencyMs };
  } catch (error) {
    const trouble: NetworkTrouble = signal.aborted
      ? { kind: "timeout", code: undefined }
      : classifyNetworkError(error);
    return { kind: "none", trouble };
  }
}

type Answer = Omit<Extract<HealthFacts, { kind: "answer" }>, "latencyMs">;

function describeAnswer({ status, headers }: Response, text: string, nowMs: number): Answer {
  const health = status === 200 ? readHealth(parseJson(text)) : undefined;
  const location = headers.get("location") ?? "";
  const serverMs = health?.timestamp ?? Date.parse(headers.get("date") ?? "");
  return {
    kind: "answer",
    status,
    mediaType: headers.get("content-type")?.split(";")[0]?.trim() ?? "",
    isOpenSync: health !== undefined,
    ...(URL.canParse(location) && { redirectsTo: new URL(location).origin }),
    ...(Number.isFinite(serverMs) && { skewMs: Math.round(serverMs - nowMs) }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function askWithKey(client: OpenSyncClient, signal: AbortSignal): Promise<KeyFacts> {
  try {
    await client.checkKey({ signal });
    return { isAccepted: true };
  } catch (error) {
    if (error instanceof OpenSyncError) {
      return { isAccepted: false, kind: error.kind, message: error.message };
    }
    if (error instanceof AppError) return { isAccepted: false, message: error.message };
    if (!signal.aborted) throw error;
    return { isAccepted: false, kind: "timeout", message: "There was no answer in time." };
  }
}

function findProxyVariable(baseUrl: string, env: Env): string | undefined {
  const lower = baseUrl.startsWith("https:") ? "https_proxy" : "http_proxy";
  return [lower, lower.toUpperCase()].find((name) => Boolean(env[name]));
}
