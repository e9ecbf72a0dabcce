import { expect, test } from "bun:test";

import { renderStatus } from "../../../cli/ui/status.ts";
import type { Status } from "../../../cli/ui/status.ts";

const now = new Date(2026, 2, 10, 12, 0).getTime();

function status(changes: Partial<Status>): Status {
  return {
    server: "https://api.opensync.dev",
    key: "osk_…a1b2",
    lastSuccessAt: now - 190_000,
    sessions: { synced: 340, waiting: 0, new: 0, failed: 0, skipped: 0, private: 0 },
    failed: [],
    underWay: [],
    leftBehind: [],
    configFile: "/home/ada/.config/pi-opensync/config.json",
    overrides: [],
    ...changes,
  };
}

const troubled = status({
  sessions: { synced: 1340, waiting: 2, new: 12, failed: 1, skipped: 3, private: 1 },
  failed: [{ path: "/s/2026-03-01_019e742e.jsonl", reason: "2 refused by the server" }],
  underWay: ["/s/a.jsonl"],
  leftBehind: ["/s/b.jsonl"],
  overrides: ["PI_OPENSYNC_CONVEX_URL"],
});

test("all is sent", () => {
  expect(renderStatus(status({}), now, 80)).toMatchInlineSnapshot(`
    "OpenSync: all is sent

    Server      https://api.opensync.dev, key osk_…a1b2
    Up to date  3 min 10 s ago (2026-03-10 11:56)
    Sessions    340 sent, 0 waiting, 0 failed
    Live        none
    Settings    /home/ada/.config/pi-opensync/config.json
    "
  `);
});

test("there is nothing to send", () => {
  const sessions = { synced: 0, waiting: 0, new: 0, failed: 0, skipped: 0, private: 0 };
  expect(renderStatus(status({ sessions }), now, 80)).toStartWith(
    "OpenSync: there are no sessions\n",
  );
});

test("nothing was sent yet", () => {
  const sessions = { synced: 0, waiting: 0, new: 12, failed: 0, skipped: 0, private: 0 };
  expect(renderStatus(status({ lastSuccessAt: undefined, sessions }), now, 80))
    .toMatchInlineSnapshot(`
    "OpenSync: nothing is sent yet

    Server      https://api.opensync.dev, key osk_…a1b2
    Up to date  not yet
    Sessions    0 sent, 0 waiting, 0 failed, 12 never sent
    Live        none
    Settings    /home/ada/.config/pi-opensync/config.json

    pi-opensync backfill sends the rest.
    "
  `);
});

test("much is to be told, at 80 columns", () => {
  expect(renderStatus(troubled, now, 80)).toMatchInlineSnapshot(`
    "OpenSync: 2 sessions wait, 1 failed

    Server      https://api.opensync.dev, key osk_…a1b2
    Up to date  3 min 10 s ago (2026-03-10 11:56)
    Sessions    1,340 sent, 2 waiting, 1 failed, 12 never sent, 3 skipped, 1 private
    Live        1 under way in pi, 1 left behind
    Settings    /home/ada/.config/pi-opensync/config.json, and
                PI_OPENSYNC_CONVEX_URL of the environment
    Failed      2026-03-01_019e742e.jsonl: 2 refused by the server

    pi-opensync sync sends what waits.
    pi-opensync backfill sends the rest.
    pi-opensync list --state failed says why.
    "
  `);
});

test("the same at 40 columns", () => {
  expect(renderStatus(troubled, now, 40)).toMatchInlineSnapshot(`
    "OpenSync: 2 sessions wait, 1 failed

    Server      https://api.opensync.dev,
                key osk_…a1b2
    Up to date  3 min 10 s ago (2026-03-10
                11:56)
    Sessions    1,340 sent, 2 waiting, 1
                failed, 12 never sent, 3
                skipped, 1 private
    Live        1 under way in pi, 1 left
                behind
    Settings    /home/ada/.config/pi-opensyn
                c/config.json, and
                PI_OPENSYNC_CONVEX_URL of
                the environment
    Failed      2026-03-01_019e742e.jsonl: 2
                refused by the server

    pi-opensync sync sends what waits.
    pi-opensync backfill sends the rest.
    pi-opensync list --state failed says
    why.
    "
  `);
});

test("a session that a pi left behind waits, also where the journal does not know it", () => {
  const [first] = renderStatus(status({ leftBehind: ["/s/b.jsonl"] }), now).split("\n");
  expect(first).toBe("OpenSync: 1 session waits");
});
