import { expect, test } from "bun:test";

import { readSessionHead } from "../../../lib/transcript/session-head.ts";
import { partTitle, promptTitle, sessionTitle } from "../../../lib/transcript/title.ts";

const keep = (text: string): string => text;
const uuid = "019e742e-9d84-7578-90d7-674f47fc7c07";
const head = readSessionHead({ type: "session", id: uuid }, false);

test("a title is the name, else the first prompt", () => {
  expect(sessionTitle(head, "Auth", "fix the login", keep)).toBe("Auth");
  expect(sessionTitle(head, " \n", "fix the login", keep)).toBe("fix the login");
  expect(sessionTitle(head, "", "", keep)).toBe("Untitled");
});

test("a prompt is put on one line and cut at a word near 80 characters", () => {
  const title = promptTitle(`first\n\n  line ${"word ".repeat(40)}`, keep);
  expect(title).toBe(`first line ${"word ".repeat(13)}word…`);
  expect(title.length).toBeLessThanOrEqual(81);
  expect(promptTitle("x".repeat(200), keep)).toBe(`${"x".repeat(80)}…`);
});

test("a long word is not cut within a character", () => {
  expect(promptTitle(`${"x".repeat(79)}🚀🚀`, keep)).toBe(`${"x".repeat(79)}…`);
});

test("what steers a terminal is left out", () => {
  expect(promptTitle("a \u001b[1;31mred\u001b[0m \u0007word", keep)).toBe("a red word");
});

test("a secret is taken out before the cut", () => {
  const clean = (text: string): string => text.replaceAll("s3cr3t".repeat(20), "[redacted]");
  expect(promptTitle(`use ${"s3cr3t".repeat(20)}`, clean)).toBe("use [redacted]");
});

test("controls inside a secret do not hide it", () => {
  const clean = (text: string): string => text.replaceAll("s3cr3tword", "[redacted]");
  expect(promptTitle("use s3c\u0007r3t\u001b[1mword", clean)).toBe("use [redacted]");
});

test("forks and sub-agents are marked", () => {
  const parentSession = `/s/2026-03-01T10-00-00-000Z_0a1b2c3d-0000-7000-8000-000000000000.jsonl`;
  const fork = readSessionHead({ type: "session", id: uuid, parentSession }, false);
  expect(sessionTitle(fork, "Auth", "", keep)).toBe("[Fork::0a1b2c3d] Auth");
  const nested = readSessionHead({ type: "session", id: uuid }, true);
  expect(sessionTitle(nested, "Auth", "", keep)).toBe("[Subagent] Auth");
});

test("follow-up sessions are numbered", () => {
  expect([1, 2].map((part) => partTitle("Auth", part))).toEqual(["Auth", "Auth (2)"]);
});
