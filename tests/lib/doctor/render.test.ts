import { expect, test } from "bun:test";

import type { Check } from "../../../lib/doctor/check.ts";
import type { Facts } from "../../../lib/doctor/facts.ts";
import { renderChecks, renderReport, renderTally } from "../../../lib/doctor/render.ts";

const env = { HOME: "/home/ada" };
const plain = { env, paint: (_: unknown, sign: string) => sign };

const checks: Check[] = [
  { id: "one", title: "Configuration", status: "well", found: "/home/ada/x.json can be used." },
  {
    id: "two",
    title: "Key",
    status: "failure",
    found: "OpenSync does not accept the API key (HTTP 401): it was replaced by another one.",
    why: "Nothing is sent until there is a key that it accepts.",
    fix: "pi-opensync setup",
  },
];

test("at 80 columns", () => {
  expect(`\n${renderChecks(checks, { ...plain, width: 80 })}\n`).toBe(`
✓ Configuration ~/x.json can be used.
✗ Key           OpenSync does not accept the API key (HTTP 401): it was replaced
                by another one.
                Nothing is sent until there is a key that it accepts.
                → pi-opensync setup
`);
});

test("at 40 columns", () => {
  expect(`\n${renderChecks(checks, { ...plain, width: 40 })}\n`).toBe(`
✓ Configuration
  ~/x.json can be used.
✗ Key
  OpenSync does not accept the API key
  (HTTP 401): it was replaced by another
  one.
  Nothing is sent until there is a key
  that it accepts.
  → pi-opensync setup
`);
});

test("no line is longer than the screen", () => {
  for (const width of [40, 60, 80]) {
    const lines = renderChecks(checks, { ...plain, width }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});

test("what a server says can't steer the terminal", () => {
  const found = "\u001b[2Jgone\u0007";
  const text = renderChecks([{ ...checks[0]!, found }], { ...plain, width: 80 });
  expect(text).toBe("✓ Configuration gone");
});

test("signs are painted, and nothing else", () => {
  const paint = (status: string, sign: string): string => `<${status}>${sign}</>`;
  const text = renderChecks(checks, { ...plain, width: undefined, paint });
  expect(text).toStartWith("<well>✓</> Configuration ~/x.json");
  expect(text).toContain("\n<failure>✗</> Key           OpenSync");
});

test("the tally counts what is not well first", () => {
  expect(renderTally(checks)).toBe("1 ✗   1 ✓");
  expect(renderTally(checks.slice(0, 1))).toBe("All is well.");
});

test("a report names the hosted server, and no other but this machine's", () => {
  const report = (baseUrl: string): string => {
    const config = { baseUrl, values: [] } as unknown as NonNullable<Facts["config"]>;
    return renderReport({ config }, [{ ...checks[0]!, found: `To ${baseUrl}.` }], env);
  };
  expect(report("https://ada.convex.site")).toContain("To https://<your-server>.");
  expect(report("https://api.opensync.dev")).toContain("To https://api.opensync.dev.");
  expect(report("http://127.0.0.1:4747")).toContain("To http://127.0.0.1:4747.");
});
