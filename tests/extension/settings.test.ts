import { describe, expect, test } from "bun:test";

import type { HostedSession } from "../../extension/host.ts";
import { completeArgs } from "../../extension/settings/complete.ts";
import {
  claimStart,
  showFooter,
  showIn,
  startWork,
  stopWork,
  tell,
} from "../../extension/settings/memory.ts";

const values = (typed: string): string[] | undefined =>
  completeArgs(typed)?.map(({ value }) => value);

describe("completion", () => {
  test("begins with all commands, and goes on with those that fit", () => {
    expect(values("")?.slice(0, 2)).toEqual(["status", "sync"]);
    expect(values("")?.at(-1)).toBe("help");
    expect(values("pu")).toEqual(["push", "pull"]);
    expect(values("x")).toBeUndefined();
  });

  test("leaves alone what is complete, so that Enter runs it", () => {
    expect(values("sync")).toBeUndefined();
    expect(values("sync ")).toBeUndefined();
    expect(values("sync --yes")).toBeUndefined();
    expect(values("rollback 3")).toBeUndefined();
  });

  test("knows the flags that go with a command and are not there yet", () => {
    expect(values("sync --")).toEqual(["sync --yes", "sync --force", "sync --dry-run"]);
    expect(values("sync --yes --d")).toEqual(["sync --yes --dry-run"]);
    expect(values("sync --yes --")).toEqual(["sync --yes --force", "sync --yes --dry-run"]);
    expect(values("unlock --s")).toEqual(["unlock --stale"]);
    expect(values("unlock --f")).toBeUndefined();
    expect(values("help --")).toBeUndefined();
  });
});

describe("what outlasts a session", () => {
  test("the footer is shown again in the next one, and what was told to nobody", () => {
    const first = session();
    showIn(first.hosted);
    showFooter("settings ↑1");
    showFooter("settings ↑1");
    expect(first.shown).toEqual(["settings ↑1"]);
    first.end.abort();
    tell({ text: "It came.", level: "info" });
    showFooter("settings ↓1");
    const second = session();
    showIn(second.hosted);
    expect(second.shown).toEqual(["settings ↓1", "It came."]);
    expect(first.shown).toHaveLength(1);
    const third = session();
    showIn(third.hosted);
    expect(third.shown).toEqual(["settings ↓1"]);
    showFooter(undefined);
    expect(third.shown.at(-1)).toBeUndefined();
  });

  test("pi starts once", () => {
    expect([claimStart(), claimStart()]).toEqual([true, false]);
  });

  test("work takes the place of other work, which is ended first", async () => {
    const events: string[] = [];
    const work = (name: string) => async (signal: AbortSignal) => {
      events.push(`${name} begins`);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      events.push(`${name} ends`);
    };
    const first = startWork(work("one"));
    await Bun.sleep(1);
    const second = startWork(work("two"));
    await first;
    await Bun.sleep(1);
    await stopWork();
    await second;
    expect(events).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  });
});

/** A session that notes what is shown in it. */
function session(): {
  hosted: HostedSession;
  end: AbortController;
  shown: (string | undefined)[];
} {
  const end = new AbortController();
  const shown: (string | undefined)[] = [];
  const ui = {
    setStatus: (_key: string, text: string | undefined) => void shown.push(text),
    notify: (text: string) => void shown.push(text),
  };
  return { hosted: { ui, signal: end.signal } as unknown as HostedSession, end, shown };
}
