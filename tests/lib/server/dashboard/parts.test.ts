import { expect, test } from "bun:test";
import fc from "fast-check";
import { toMessageView, toPartViews } from "../../../../lib/server/dashboard/parts.ts";
import type { StoredMessageRow } from "../../../../lib/server/messages.ts";
import type { MessagePart } from "../../../../lib/server/validate.ts";

type Role = StoredMessageRow["role"];
const show = (role: Role, parts: MessagePart[], textContent: string | null = null) =>
  toPartViews({ role, parts, textContent });
const text = (content: unknown): MessagePart => ({ type: "text", content });

test("what a client of pi sends is told apart", () => {
  const thinking = "> **Thinking**\n>\n> first\n> \n> second";
  expect(show("assistant", [text(thinking), text("answer")], "answer")).toEqual([
    { kind: "thinking", text: "first\n\nsecond" },
    { kind: "text", text: "answer" },
  ]);
  expect(show("system", [text("[compaction of 120 tokens]\n\nIt was\n\nlong.")])).toEqual([
    {
      kind: "mark",
      mark: "compaction",
      title: "compaction of 120 tokens",
      text: "It was\n\nlong.",
    },
  ]);
  expect(show("system", [text('[went back to the prompt "a [b] c"]')])).toEqual([
    { kind: "mark", mark: "branch", title: 'went back to the prompt "a [b] c"', text: "" },
  ]);
  expect(show("system", [text("[summary of the branch left]\n\nx")])).toEqual([
    { kind: "mark", mark: "branch", title: "summary of the branch left", text: "x" },
  ]);
  expect(show("system", [text("[my-extension] says")])).toEqual([
    { kind: "text", text: "[my-extension] says" },
  ]);
});

test("only an answer thinks, and only the system marks", () => {
  for (const said of ["> **Thinking**\n>\n> x", "[compaction]\n\nx"]) {
    expect(show("user", [text(said)])).toEqual([{ kind: "text", text: said }]);
  }
});

test("images stand between the texts of a prompt", () => {
  expect(show("user", [text("a\n\n[image: image/png, 12.0 kB]\n\nb")])).toEqual([
    { kind: "text", text: "a" },
    { kind: "image", text: "image/png, 12.0 kB" },
    { kind: "text", text: "b" },
  ]);
  expect(show("user", [text("[image: image/png, 1 B]\n\n[image: image/gif, 2 B]")])).toEqual([
    { kind: "image", text: "image/png, 1 B" },
    { kind: "image", text: "image/gif, 2 B" },
  ]);
  expect(show("user", [text("see [image: x] here")])).toEqual([
    { kind: "text", text: "see [image: x] here" },
  ]);
});

test("tools are shown under the names that clients give their fields", () => {
  const call = { kind: "tool-call", callId: "1", name: "bash", args: { a: 1 } } as const;
  for (const content of [
    { toolCallId: "1", name: "bash", args: { a: 1 } },
    { id: "1", toolName: "bash", input: { a: 1 } },
  ]) {
    expect(show("assistant", [{ type: "tool-call", content }])).toEqual([call]);
  }
  const result = { kind: "tool-result", callId: "1", name: "bash", result: "ok", isError: true };
  const sent = { toolCallId: "1", name: "bash", result: "ok", isError: true };
  expect(show("tool", [{ type: "tool-result", content: sent }], "ok")).toEqual([result] as never);
  expect(show("tool", [{ type: "tool-result", content: "plain" }])).toEqual([
    { kind: "tool-result", callId: "", name: "tool", result: "plain", isError: false },
  ]);
});

test("a text that no part says comes first", () => {
  const call = { type: "tool-call", content: { name: "bash" } };
  expect(show("assistant", [call], "I look.").map((part) => part.kind)).toEqual([
    "text",
    "tool-call",
  ]);
  expect(show("assistant", [], "alone")).toEqual([{ kind: "text", text: "alone" }]);
});

test("what is of no known shape is shown as it is", () => {
  const part = { type: "plan", content: { steps: [1, null] } };
  expect(show("assistant", [part])).toEqual([{ kind: "other", ...part }]);
  expect(show("assistant", [text(["a"])])).toEqual([{ kind: "other", ...text(["a"]) }]);
});

test("no part is too odd to be shown", () => {
  const type = fc.constantFrom("text", "thinking", "tool-call", "tool-result", "image", "else");
  const keys = fc.constantFrom("text", "content", "name", "args", "result", "isError", "__proto__");
  const content = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()));
  const role = fc.constantFrom<Role>("user", "assistant", "system", "tool", "unknown");
  const row = fc.record({ role, parts: fc.array(fc.record({ type, content }), { maxLength: 4 }) });
  fc.assert(
    fc.property(row, fc.option(fc.string()), fc.double(), ({ role, parts }, textContent, time) => {
      const rest = { externalId: "e", model: null, promptTokens: null, completionTokens: null };
      const stored = { id: 1, role, parts: JSON.parse(JSON.stringify(parts)), textContent };
      const view = toMessageView(
        { ...stored, ...rest, durationMs: null, createdAt: time === time ? time : 0 },
        0,
      );
      expect(Number.isNaN(new Date(view.createdAt).getTime())).toBe(false);
      for (const part of JSON.parse(JSON.stringify(view)).parts) {
        for (const name of ["text", "result", "callId", "name", "title"]) {
          expect(["string", "undefined"]).toContain(typeof part[name]);
        }
        if (part.kind !== "tool-call" && part.kind !== "other") {
          expect(part.text ?? part.result).toBeString();
        }
      }
    }),
    { numRuns: 500 },
  );
});
