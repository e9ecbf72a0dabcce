import { describe, expect, test } from "bun:test";

import type { Check } from "../../../lib/doctor/check.ts";
import type { Facts } from "../../../lib/doctor/facts.ts";
import type { Certificate, RouteFacts } from "../../../lib/doctor/facts/route.ts";
import type { HealthFacts, ServerFacts } from "../../../lib/doctor/facts/server.ts";
import { judge } from "../../../lib/doctor/judge.ts";

const nowMs = Date.parse("2026-03-01T12:00:00Z");
const day = 86_400_000;

const check = (facts: Facts): Check[] => judge(facts, { nowMs, databaseFormat: 1 });
const troubles = (facts: Facts): Check[] => check(facts).filter(({ status }) => status !== "well");

const route: RouteFacts = {
  host: "sync.example",
  port: 443,
  name: { ms: 1 },
  connection: { ms: 1 },
};
const answered: HealthFacts = {
  kind: "answer",
  status: 200,
  mediaType: "application/json",
  isOpenSync: true,
  latencyMs: 20,
  skewMs: 0,
};
const server: ServerFacts = {
  baseUrl: "https://sync.example",
  route,
  health: answered,
  key: { isAccepted: true },
};
const silent: HealthFacts = { kind: "none", trouble: { kind: "unreachable", code: "X" } };

test("what was not looked at is not judged", () => {
  expect(check({})).toEqual([]);
});

test("every trouble says why it matters and what mends it", () => {
  const facts: Facts = {
    server: { ...server, key: { isAccepted: false, kind: "server", message: "OpenSync failed." } },
    disk: [{ path: "/", freeBytes: 0, freeFiles: 0 }],
    redaction: { isOn: true, replacesSample: false },
    files: { exposed: [], locked: ["/var/x"] },
  };
  const found = troubles(facts);
  expect(found.map(({ id }) => id)).toEqual(["server-key", "redaction", "files-writable", "disk"]);
  expect(found.every(({ why, fix }) => Boolean(why) && Boolean(fix))).toBe(true);
});

describe("the way to the server", () => {
  const through = (change: Partial<RouteFacts>): Check[] =>
    troubles({ server: { ...server, route: { ...route, ...change }, health: silent } });
  const shown: Certificate = {
    validFromMs: nowMs - day,
    validToMs: nowMs + day,
    subject: "other.example",
    issuer: "A company",
  };

  test.each([
    [{ name: { failed: "ENOTFOUND" } }, "No server has the name sync.example (ENOTFOUND)."],
    [
      { name: { failed: "EAI_AGAIN" } },
      "The name sync.example can't be looked up now (EAI_AGAIN).",
    ],
    [
      { connection: { failed: "ETIMEDOUT" } },
      "sync.example does not answer at port 443 within 5 s.",
    ],
    [
      { connection: { failed: "ECONNREFUSED" } },
      "Nothing listens at port 443 of sync.example (ECONNREFUSED).",
    ],
    [{ certificate: { failed: "EPROTO" } }, "sync.example speaks no TLS at port 443 (EPROTO)."],
    [
      { certificate: { ...shown, distrust: "CERT_HAS_EXPIRED", validToMs: nowMs - day } },
      "The certificate of sync.example expired on 2026-02-28.",
    ],
    [
      { certificate: { ...shown, distrust: "CERT_NOT_YET_VALID", validFromMs: nowMs + day } },
      "The certificate of sync.example is not valid before 2026-03-02.",
    ],
    [
      { certificate: { ...shown, distrust: "ERR_TLS_CERT_ALTNAME_INVALID" } },
      "The certificate is for other.example, and not for sync.example.",
    ],
    [
      { certificate: { ...shown, distrust: "DEPTH_ZERO_SELF_SIGNED_CERT" } },
      "The certificate of sync.example is signed by A company, whom this machine does not trust (DEPTH_ZERO_SELF_SIGNED_CERT).",
    ],
  ] as [Partial<RouteFacts>, string][])("%j", (change, found) => {
    expect(through(change)).toMatchObject([{ status: "failure", found }]);
  });

  test("a step that failed does not matter where the server answers, as by way of a proxy", () => {
    const closed = { ...route, connection: { failed: "ECONNREFUSED" } };
    expect(troubles({ server: { ...server, route: closed } })).toEqual([]);
  });

  test("where every step is well and nothing comes back, that is said", () => {
    expect(through({})).toMatchObject([
      { id: "server", found: "https://sync.example can't be reached (X)." },
    ]);
  });
});

describe("what answers", () => {
  const withHealth = (change: Partial<typeof answered>): Check[] =>
    troubles({ server: { ...server, health: { ...answered, ...change } } });

  test.each([
    [{ isOpenSync: false, mediaType: "text/html" }, "A web page answers at"],
    [{ isOpenSync: false, status: 404 }, "Something else answers at"],
    [{ isOpenSync: false, status: 502 }, "The server at https://sync.example is in trouble"],
    [
      { isOpenSync: false, status: 301, redirectsTo: "https://x.example" },
      "https://sync.example redirects to https://x.example (HTTP 301).",
    ],
    [{ latencyMs: 2500 }, "OpenSync at https://sync.example took 2500 ms"],
    [{ skewMs: 120_000 }, "This machine's clock is 2 min behind the server's."],
    [{ skewMs: -3 * day }, "This machine's clock is 3 days ahead of the server's."],
  ] as [Partial<typeof answered>, string][])("%j", (change, found) => {
    const [trouble, ...more] = withHealth(change);
    expect(more).toEqual([]);
    expect(trouble?.found).toStartWith(found);
  });

  test("a minute, and what the answer took, is no skew", () => {
    expect(withHealth({ skewMs: -60_000 })).toEqual([]);
    expect(withHealth({ skewMs: 61_000, latencyMs: 1000 })).toEqual([]);
    expect(withHealth({ skewMs: 61_000 })).toHaveLength(1);
  });
});

describe("this machine", () => {
  test.each([
    [0, 1e6, "failure"],
    [15.9e6, 1e6, "failure"],
    [255e6, 1e6, "warning"],
    [256e6, 1e6, "well"],
    [1e12, 3, "failure"],
  ] as const)("%d bytes and %d files free: %s", (freeBytes, freeFiles, status) => {
    expect(check({ disk: [{ path: "/", freeBytes, freeFiles }] })).toMatchObject([{ status }]);
  });

  test.each([
    [{ isOn: true, replacesSample: true, replacesOwnKey: true }, "well"],
    [{ isOn: true, replacesSample: true, replacesOwnKey: false }, "failure"],
    [{ isOn: true, replacesSample: false }, "failure"],
    [{ isOn: false, replacesSample: false }, "warning"],
  ] as const)("redaction %j: %s", (redaction, status) => {
    expect(check({ redaction })).toMatchObject([{ status }]);
  });

  test("locks that are held are well", () => {
    const locks = { holders: [41, 42], seenTo: 3, left: 1, gone: [], staleLocks: [] };
    expect(check({ locks })).toMatchObject([
      {
        status: "well",
        found: "3 sessions held by pi, process 41, 42. 1 session left to send.",
      },
    ]);
  });
});

test("messages that the server refused are a warning, with its last word", () => {
  const sessions = { synced: 4, waiting: 1, new: 1, failed: 2, skipped: 1, private: 1 };
  const progress = { sessions, messages: 1234, lastReason: "too large" };
  expect(check({ progress })).toMatchObject([
    {
      status: "warning",
      found:
        "4 sessions with 1,234 messages sent, 1 waiting, 1 never sent, 2 failed, 1 with nothing to send, 1 private. The last failure: too large",
      fix: "pi-opensync list --state failed",
    },
  ]);
});

test.each([
  [{ waiting: 1, new: 2 }, "1 waiting, 2 never sent", "pi-opensync backfill"],
  [{ waiting: 0, new: 2 }, "2 never sent", "pi-opensync backfill"],
  [{ waiting: 1, new: 0 }, "1 waiting", "pi-opensync sync"],
])("what is not sent yet is sent by the command that is named: %p", (counts, found, fix) => {
  const sessions = { synced: 4, failed: 0, skipped: 0, private: 0, ...counts };
  expect(check({ progress: { sessions, messages: 9 } })).toMatchObject([
    { status: "warning", found: `4 sessions with 9 messages sent, ${found}.`, fix },
  ]);
});

test("another key than the embedded server's is well where another server here takes it", () => {
  const embedded = { isInUse: true, databasePath: "/x.db", hasKey: true, isOurKey: false };
  const refused = { isAccepted: false, kind: "unauthorised", message: "no" } as const;
  const own = (checks: Check[]): Check[] => checks.filter(({ id }) => id === "embedded-server");
  expect(own(check({ embedded, server }))).toEqual([]);
  expect(own(check({ embedded, server: { ...server, key: refused } }))).toHaveLength(1);
  expect(own(check({ embedded }))).toHaveLength(1);
});
