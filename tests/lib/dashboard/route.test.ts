import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  emptyList,
  listHref,
  overviewHref,
  readMessageId,
  readRoute,
  sessionHref,
  toQuery,
} from "../../../lib/dashboard/route.ts";
import type { ListState, OverviewState } from "../../../lib/dashboard/route.ts";

const at = (href: string) => {
  const url = new URL(href, "http://127.0.0.1");
  return { route: readRoute(url.pathname, url.search), hash: url.hash };
};

test("the state of the list stands in the address", () => {
  const texts = fc.string({ unit: "binary" }).map((text) => text.toWellFormed());
  const list: fc.Arbitrary<ListState> = fc.record({
    words: texts,
    project: texts,
    model: texts,
    source: texts,
    time: fc.constantFrom("", "7d", "2026-11-01..2026-11-03"),
    sort: fc.constantFrom("time", "title", "cost"),
    isReversed: fc.boolean(),
  });
  fc.assert(
    fc.property(list, (list) => {
      expect(at(listHref(list)).route).toEqual({ page: "list", list });
    }),
    { numRuns: 300 },
  );
  expect(listHref(emptyList)).toBe("/");
});

test("the state of the overview stands in the address", () => {
  const overview: OverviewState = { metric: "tokens", unit: "week", days: 0 };
  expect(at(overviewHref(overview)).route).toEqual({ page: "overview", overview });
});

test("any name of a session, and any id of a message, stands in an address", () => {
  const text = fc.string({ minLength: 1, unit: "binary" }).map((text) => text.toWellFormed());
  fc.assert(
    fc.property(text, text, (externalId, messageId) => {
      const { route, hash } = at(sessionHref({ id: "ses_1", externalId }, messageId));
      expect(["ses_1", externalId]).toContain(route.page === "session" ? route.id : "");
      expect(readMessageId(hash)).toBe(messageId);
    }),
    { numRuns: 300 },
  );
  for (const externalId of ["..", ".", "a/b", "?", ""]) {
    expect(sessionHref({ id: "ses_1", externalId })).toBe("/sessions/ses_1");
  }
});

test("addresses that are broken show something", () => {
  expect(readRoute("/sessions/%E0", "").page).toBe("missing");
  expect(readRoute("/x", "").page).toBe("missing");
  expect(readRoute("/", "?sort=constructor")).toEqual({ page: "list", list: emptyList });
  expect(readRoute("/overview", "?days=-1&unit=x&metric=y")).toMatchObject({
    overview: { metric: "cost", unit: "day", days: 90 },
  });
});

test("days are days of this machine's time zone, the last one included", () => {
  const now = new Date(2026, 10, 21, 15, 30).getTime();
  const day = (date: number): number => new Date(2026, 10, date).getTime();
  const span = (time: string) => toQuery({ ...emptyList, time }, now);
  expect(span("1d")).toEqual({ sort: "time", from: day(21) });
  expect(span("7d")).toEqual({ sort: "time", from: day(15) });
  expect(span("2026-11-01..2026-11-03")).toEqual({ sort: "time", from: day(1), to: day(4) });
  expect(span("..2026-11-03")).toEqual({ sort: "time", to: day(4) });
  expect(span("nonsense")).toEqual({ sort: "time" });
});
