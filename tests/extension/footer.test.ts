import { expect, test } from "bun:test";

import { footerText } from "../../extension/footer.ts";
import { startState } from "../../lib/live/state.ts";
import type { LiveState } from "../../lib/live/state.ts";

const cases: [string, Partial<LiveState>, string | undefined][] = [
  ["all is well", {}, undefined],
  ["other sessions wait", { elsewhere: 7 }, undefined],
  ["it is sending", { phase: "sending", waiting: 12 }, "opensync ↑12"],
  ["it tells tokens and cost", { phase: "sending" }, undefined],
  ["the server is gone", { phase: "offline" }, "opensync offline"],
  ["and messages wait", { phase: "offline", waiting: 3 }, "opensync offline · 3 waiting"],
  ["pi leaves the network alone", { gate: "offline" }, "opensync offline"],
  ["and messages wait", { gate: "offline", waiting: 1 }, "opensync offline · 1 waiting"],
  ["the key is refused", { phase: "refused", waiting: 3 }, "opensync key refused"],
  ["something is wrong here", { phase: "failed" }, "opensync not sent, see /opensync status"],
  ["the person asked to wait", { gate: "paused" }, "opensync paused"],
  ["and messages wait", { gate: "paused", waiting: 2 }, "opensync paused · 2 waiting"],
  ["waiting was asked for in trouble", { gate: "paused", phase: "refused" }, "opensync paused"],
  ["the session is private", { gate: "off", phase: "offline", waiting: 9 }, "opensync off"],
];

test.each(cases)("%s", (_name, state, text) => {
  expect(footerText({ ...startState("open"), ...state })).toBe(text as string);
});
