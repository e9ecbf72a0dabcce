import { expect, test } from "bun:test";
import type { MessageView, PartView } from "../../../lib/dashboard/api.ts";
import { pairDistanceMax, toItems } from "../../../lib/dashboard/session/pair-tools.ts";

const call = (callId: string): PartView => ({ kind: "tool-call", callId, name: "bash", args: {} });
const result = (callId: string): PartView => ({
  kind: "tool-result",
  callId,
  name: "bash",
  result: `of ${callId}`,
  isError: false,
});

function toMessages(parts: PartView[][]): MessageView[] {
  return parts.map((parts, index) => ({
    id: `msg_${index}`,
    index,
    role: parts.some(({ kind }) => kind === "tool-result") ? "tool" : "assistant",
    createdAt: 1_700_000_000_000,
    parts,
  }));
}

test("a call has its result, and the result's message says where it is shown", () => {
  const items = toItems(toMessages([[call("a"), call("b")], [result("a")], [result("b")]]), 0, 3);
  expect(items[0]?.parts.map((part) => part.kind === "tool-call" && part.result?.result)).toEqual([
    "of a",
    "of b",
  ]);
  expect(items.map(({ shownIn }) => shownIn)).toEqual([undefined, 0, 0]);
});

test("an id that is used again is paired with the call before it", () => {
  const items = toItems(toMessages([[call("a")], [result("a")], [call("a")], [result("a")]]), 0, 4);
  expect(items.map(({ shownIn }) => shownIn)).toEqual([undefined, 0, undefined, 2]);
});

test("a result without a call, or without an id, is shown by itself", () => {
  const items = toItems(toMessages([[call("")], [result("")], [result("x")]]), 0, 3);
  expect(items.map(({ shownIn }) => shownIn)).toEqual([undefined, undefined, undefined]);
});

test("two pages agree on a pair across their border, however far apart it is", () => {
  for (const distance of [1, pairDistanceMax, pairDistanceMax + 1, 40]) {
    for (let caller = 60; caller < 100; caller++) {
      const messages = toMessages(
        Array.from({ length: 200 }, (_, index) => {
          if (index === caller) return [call("a")];
          return index === caller + distance ? [result("a")] : [{ kind: "text", text: "…" }];
        }),
      );
      const items = [...loadPage(messages, 0), ...loadPage(messages, 100)];
      const [part] = items[caller]!.parts;
      const hasResult = part?.kind === "tool-call" && part.result !== undefined;
      expect(items[caller + distance]?.shownIn).toBe(hasResult ? caller : undefined);
    }
  }
});

test("who speaks, and the day, are said where they change", () => {
  const messages = toMessages([[{ kind: "text", text: "a" }], [{ kind: "text", text: "b" }]]);
  messages.push({ ...messages[1]!, index: 2, createdAt: messages[1]!.createdAt + 86_400_000 });
  const items = toItems(messages, 0, 3);
  expect(items.map(({ isContinued }) => isContinued)).toEqual([false, true, false]);
  expect(items.map(({ isFirstOfDay }) => isFirstOfDay)).toEqual([true, false, true]);
});

/** As the page loads it: with some messages before and behind. */
function loadPage(messages: MessageView[], first: number) {
  const from = Math.max(0, first - pairDistanceMax);
  return toItems(messages.slice(from, first + 100 + pairDistanceMax), first, first + 100);
}
