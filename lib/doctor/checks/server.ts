import { hostedBaseUrl } from "../../opensync/base-url.ts";
import { aboutSubject } from "../check.ts";
import type { Check } from "../check.ts";
import type { HealthFacts, KeyFacts, ServerFacts } from "../facts/server.ts";
import { describeSpan } from "../words.ts";
import { checkRoute } from "./route.ts";

const server = aboutSubject("server", "Server");
const speed = aboutSubject("server-speed", "Speed");
const clock = aboutSubject("server-clock", "Clock");
const key = aboutSubject("server-key", "Key");

/** Beyond this, a person waits for sessions to appear. */
const latencyMsMax = 2000;
/** Beyond this, the times of sessions look wrong. */
const skewMsMax = 60_000;

/** Whether OpenSync answers, how fast, by which clock, and whether it takes the key. */
export function checkServer(facts: ServerFacts, nowMs: number): Check[] {
  const { baseUrl, health, key } = facts;
  if (health.kind === "none") return explainSilence(facts, health, nowMs);
  const skew = checkClock(health);
  if (!health.isOpenSync) return [describeStranger(health, baseUrl), ...skew];
  const route = checkRoute(facts.route, baseUrl, nowMs).filter(isWell);
  return [...route, ...checkSpeed(health, baseUrl), ...skew, checkKey(key)];
}

/** With a proxy, the way to the server may be closed without harm. */
const isWell = ({ status }: Check): boolean => status === "well";

/** The step that fails says more than that nothing came back. */
function explainSilence(
  { baseUrl, proxyVariable, route }: ServerFacts,
  { trouble }: Extract<HealthFacts, { kind: "none" }>,
  nowMs: number,
): Check[] {
  const steps = checkRoute(route, baseUrl, nowMs);
  if (proxyVariable === undefined && !steps.every(isWell)) return steps;
  const code = trouble.code === undefined ? "" : ` (${trouble.code})`;
  const proxied = proxyVariable === undefined ? "" : `, by way of the proxy in ${proxyVariable}`;
  return [
    ...steps.filter(isWell),
    server.failure({
      found:
        trouble.kind === "timeout"
          ? `${baseUrl} does not answer within 5 s${proxied}.`
          : `${baseUrl} can't be reached${proxied}${code}.`,
      why: "Nothing can be sent. It waits here, and is sent once the server answers.",
      fix:
        proxyVariable === undefined
          ? "Check that the server runs, then run pi-opensync doctor again."
          : `Check the proxy in ${proxyVariable}, or add the server to NO_PROXY.`,
    }),
  ];
}

type Answered = Extract<HealthFacts, { kind: "answer" }>;

/** What answers instead of OpenSync. */
function describeStranger({ status, mediaType, redirectsTo }: Answered, baseUrl: string): Check {
  const fix = `Give the address of the API: ${hostedBaseUrl}, or https://<deployment>.convex.site for a server of your own.`;
  const why = "Nothing is sent to what is not OpenSync.";
  if (status >= 500) {
    return server.failure({
      found: `The server at ${baseUrl} is in trouble (HTTP ${status}).`,
      why: "Nothing can be sent. It waits here, and is sent once the server is well again.",
      fix: "Look at the server's log, or try again later.",
    });
  }
  if (status >= 300 && status < 400) {
    const where = redirectsTo === undefined ? "elsewhere" : `to ${redirectsTo}`;
    return server.failure({ found: `${baseUrl} redirects ${where} (HTTP ${status}).`, why, fix });
  }
  const what = mediaType === "text/html" ? "A web page" : "Something else";
  return server.failure({
    found: `${what} answers at ${baseUrl}, and not OpenSync's API (HTTP ${status}).`,
    why,
    fix,
  });
}

function checkSpeed({ latencyMs }: Answered, baseUrl: string): Check[] {
  const ms = Math.round(latencyMs);
  if (latencyMs <= latencyMsMax)
    return [server.well(`OpenSync answers at ${baseUrl} within ${ms} ms.`)];
  return [
    speed.warning({
      found: `OpenSync at ${baseUrl} took ${ms} ms to answer.`,
      why: "Sessions appear late, and a backfill takes its time.",
      fix: "Check the network, and the server's load.",
    }),
  ];
}

function checkClock({ skewMs, latencyMs }: Answered): Check[] {
  if (skewMs === undefined) return [];
  const span = describeSpan(Math.abs(skewMs));
  if (Math.abs(skewMs) <= skewMsMax + latencyMs) {
    return [clock.well("This machine and the server tell the same time.")];
  }
  return [
    clock.failure({
      found: `This machine's clock is ${span} ${skewMs > 0 ? "behind" : "ahead of"} the server's.`,
      why: "Sessions would stand at the wrong place and time on the dashboard.",
      fix: "Set this machine's clock; on Linux: sudo timedatectl set-ntp true",
    }),
  ];
}

function checkKey(facts: KeyFacts): Check {
  if (facts.isAccepted) return key.well("OpenSync accepts it.");
  const isRefused = facts.kind === "unauthorised" || facts.kind === undefined;
  return key.failure({
    found: facts.message,
    why: isRefused
      ? "Nothing is sent until there is a key that it accepts."
      : "Whether the key is accepted could not be found out.",
    fix: isRefused ? "pi-opensync setup" : "Try again: pi-opensync doctor",
  });
}
