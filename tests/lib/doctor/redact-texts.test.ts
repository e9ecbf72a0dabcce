import { expect, test } from "bun:test";

import { redactTexts } from "../../../lib/doctor/redact-texts.ts";
import { createRedactor } from "../../../lib/redact/redact.ts";

const redactor = createRedactor({ dictionary: [] });
const token = ["ghp_", "0123456789abcdefghijABCDEFGHIJ012345"].join("");

test("secrets are replaced wherever a text stands, and all else stays", () => {
  const value = {
    pi: { registrations: [{ source: `git:https://ada:${token}@example.com/x`, isEnabled: true }] },
    disk: [{ freeBytes: 5 }],
    none: null,
  };
  const redacted = redactTexts(value, redactor);
  expect(JSON.stringify(redacted)).not.toContain(token);
  expect(redacted).toMatchObject({
    pi: { registrations: [{ isEnabled: true }] },
    disk: [{ freeBytes: 5 }],
    none: null,
  });
});

test("paths, versions and addresses are no secrets", () => {
  const value = [
    "/home/ada/.pi/agent/sessions/--home-ada-engine--/2026-03-01T10-00-00_019e742e-9d84-7578.jsonl",
    "pi-opensync 0.1.0 (d796e7b4006c-dirty) with Bun 1.4.5 on linux x64.",
    "https://api.opensync.dev, with the key osk_…2345.",
  ];
  expect(redactTexts(value, redactor)).toEqual(value);
});
