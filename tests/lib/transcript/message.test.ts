import { describe, expect, test } from "bun:test";

import { createRedactor } from "../../../lib/redact/redact.ts";
import { fitMessage } from "../../../lib/transcript/fit.ts";
import { SessionBuilder, usage } from "../../support/session.ts";
import { outline, transcribe } from "../../support/transcribe.ts";

describe("roles", () => {
  test("user, assistant and tool keep their roles and order", () => {
    const session = new SessionBuilder();
    session.user("list the files");
    session.tool("ls", { path: "." }, "a.ts\nb.ts");
    session.assistant("Two files.");
    const { messages } = transcribe(session);
    expect(outline(messages)).toEqual([
      "user: list the files",
      "assistant: ",
      "tool: a.ts\nb.ts",
      "assistant: Two files.",
    ]);
  });

  test("text stands in textContent and in text parts", () => {
    const session = new SessionBuilder();
    session.message("assistant", {
      content: [
        { type: "text", text: "One." },
        { type: "toolCall", id: "c1", name: "ls", arguments: { path: "." } },
        { type: "text", text: "Two." },
      ],
    });
    const [message] = transcribe(session).messages;
    expect(message?.textContent).toBe("One.\n\nTwo.");
    expect(message?.parts).toEqual([
      { type: "text", content: "One." },
      { type: "tool-call", content: { toolCallId: "c1", name: "ls", args: { path: "." } } },
      { type: "text", content: "Two." },
    ]);
  });

  test("a result takes the name of its call by id, whatever the order", () => {
    const session = new SessionBuilder();
    const call = (id: string, name: string) => ({ type: "toolCall", id, name, arguments: {} });
    session.message("assistant", { content: [call("c1", "read"), call("c2", "grep")] });
    const result = (toolCallId: string) => {
      session.message("toolResult", { toolCallId, content: [{ type: "text", text: toolCallId }] });
    };
    result("c2");
    result("c1");
    result("c9");
    const results = transcribe(session).messages.slice(1);
    expect(results.map(({ parts }) => (parts?.[0]?.content as { name: string }).name)).toEqual([
      "grep",
      "read",
      "tool",
    ]);
  });

  test("arguments nested deeper than a stack can be walked through", () => {
    const session = new SessionBuilder();
    const deep = JSON.parse(`${'{"in":'.repeat(20_000)}"bottom"${"}".repeat(20_000)}`) as unknown;
    session.tool("odd", deep, "ok");
    session.tool("odd", JSON.parse(`${"[".repeat(200)}"bottom"${"]".repeat(200)}`), "ok");
    const redactor = createRedactor({ dictionary: [] });
    const sent = transcribe(session).messages.map((put) =>
      JSON.stringify(fitMessage(redactor.redactMessage(put).value)),
    );
    expect(sent).toHaveLength(4);
    expect(sent[2]).toContain("bottom");
  });

  test("an empty result is never an empty box", () => {
    const session = new SessionBuilder();
    session.tool("bash", { command: "true" }, "");
    expect(transcribe(session).messages[1]?.parts?.[0]?.content).toMatchObject({
      result: "(no output)",
    });
  });

  test("an image is a placeholder with type and size", () => {
    const session = new SessionBuilder();
    session.message("user", {
      content: [
        { type: "text", text: "see" },
        { type: "image", data: "A".repeat(4000), mimeType: "image/png" },
      ],
    });
    expect(outline(transcribe(session).messages)).toEqual([
      "user: see\n\n[image: image/png, 3.0 kB]",
    ]);
  });

  test("a ! command is a tool with its output, a !! command stays out", () => {
    const session = new SessionBuilder();
    const shell = { output: "boom\n", exitCode: 2, cancelled: false, truncated: false };
    session.message("bashExecution", { command: "make", ...shell });
    session.message("bashExecution", { command: "env", excludeFromContext: true, ...shell });
    expect(outline(transcribe(session).messages)).toEqual(["tool: $ make\nboom\n[exit code 2]"]);
  });

  test("summaries and shown notes are system, hidden ones and pi's own prompt stay out", () => {
    const session = new SessionBuilder();
    session.message("system", { content: "You are pi", sections: { tools: "…" } });
    session.add("compaction", { summary: "so far", tokensBefore: 1200, firstKeptEntryId: "x" });
    session.add("branch_summary", { summary: "tried A", fromId: "x" });
    session.add("custom_message", { customType: "ci", content: "green", display: true });
    session.add("custom_message", { customType: "ci", content: "hidden", display: false });
    session.message("hookMessage", { customType: "todo", content: "two left", display: true });
    expect(outline(transcribe(session).messages)).toEqual([
      "system: [compaction of 1200 tokens]\n\nso far",
      "system: [summary of the branch left]\n\ntried A",
      "system: [ci] green",
      "system: [todo] two left",
    ]);
  });

  test("bookkeeping and unknown types are no messages", () => {
    const session = new SessionBuilder();
    for (const type of ["label", "custom", "session_info", "usage", "context_edit", "from_2030"]) {
      session.add(type, { data: { content: "no" } });
    }
    session.message("from_2030", { content: "no" });
    session.add("message", { message: null });
    session.add("message", { message: { role: "user", content: 7 } });
    expect(transcribe(session).messages).toEqual([]);
  });
});

describe("endings", () => {
  test("an aborted answer says so, with and without text", () => {
    const session = new SessionBuilder();
    session.assistant("Half an", { stopReason: "aborted", errorMessage: "Request was aborted" });
    session.assistant("", { stopReason: "aborted" });
    expect(outline(transcribe(session).messages)).toEqual([
      "assistant: Half an\n\n[aborted]",
      "assistant: [aborted]",
    ]);
  });

  test("a failed answer says why, a failed try without content is no message", () => {
    const session = new SessionBuilder();
    session.assistant("", { stopReason: "error", errorMessage: "529 overloaded" });
    session.assistant("Half", { stopReason: "error", errorMessage: "socket closed" });
    expect(outline(transcribe(session).messages)).toEqual([
      "assistant: Half\n\n[failed: socket closed]",
    ]);
  });

  test("an answer that ran into the limit says so", () => {
    const session = new SessionBuilder();
    session.assistant("And then", { stopReason: "length" });
    expect(outline(transcribe(session).messages)[0]).toEndWith(
      "[cut off at the model's output limit]",
    );
  });
});

describe("options", () => {
  const session = new SessionBuilder();
  session.user("go");
  session.message("assistant", {
    content: [
      { type: "thinking", thinking: "hm\nwell" },
      { type: "text", text: "Going." },
      { type: "toolCall", id: "c1", name: "ls", arguments: {} },
    ],
  });
  session.message("toolResult", { toolCallId: "c1", content: [{ type: "text", text: "secret" }] });
  session.message("bashExecution", { command: "ls", output: "secret" });

  test("thinking is left out unless it is asked for, and then can be told apart", () => {
    expect(JSON.stringify(transcribe(session).messages)).not.toContain("well");
    const [, answer] = transcribe(session, { thinking: true }).messages;
    expect(answer?.parts?.[0]).toEqual({
      type: "text",
      content: "> **Thinking**\n>\n> hm\n> well",
    });
    expect(answer?.textContent).toBe("Going.");
  });

  test("without tool calls neither calls nor results nor commands are sent", () => {
    const { messages } = transcribe(session, { toolCalls: false });
    expect(outline(messages)).toEqual(["user: go", "assistant: Going."]);
    expect(JSON.stringify(messages)).not.toContain("tool-call");
  });
});

test("an answer carries model and tokens", () => {
  const session = new SessionBuilder();
  session.assistant("Hi", { usage: usage(100, 7, 900, 50) });
  expect(transcribe(session).messages[0]).toMatchObject({
    model: "claude-opus-4-5",
    promptTokens: 1050,
    completionTokens: 7,
    source: "pi",
  });
});
