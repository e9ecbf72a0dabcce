import { describe, expect, test } from "bun:test";
import { maskKey, resolveSecret } from "../../../lib/config/secret.ts";
import type { Env } from "../../../lib/platform/paths.ts";
import { runCommand } from "../../../lib/platform/run-command.ts";
import { failureOf } from "../../support/failure-of.ts";

const resolve = (value: string, env: Env = {}): Promise<string> =>
  resolveSecret("The API key", value, { env, run: runCommand });

describe("a secret", () => {
  test("stands for itself", async () => {
    expect(await resolve("osk_abc ")).toBe("osk_abc");
    expect(await resolve("a$B")).toBe("a$B");
    expect(await resolve("$A-B", { A: "x" })).toBe("$A-B");
  });

  test("is taken from a variable", async () => {
    expect(await resolve("$KEY_1", { KEY_1: "osk_abc\n" })).toBe("osk_abc");
    expect(await resolve("${KEY_1}", { KEY_1: "osk_abc" })).toBe("osk_abc");
  });

  test("in a variable that is not set or empty is an error that names it", async () => {
    for (const env of [{}, { KEY: "" }, { KEY: " " }]) {
      const error = await failureOf(resolve("$KEY", env));
      expect(error.code).toBe("config");
      expect(error.message).toBe("The API key is in the variable KEY, which is not set.");
    }
  });

  test("is what a command prints, without the space around it", async () => {
    expect(await resolve("!echo ' osk_abc '")).toContain("osk_abc");
    expect(await resolve("!echo a b | tr a c")).toBe("c b");
  });

  test("of a command that fails is an error without the command and its output", async () => {
    for (const [command, reason] of [
      ["echo osk_secret; echo osk_secret >&2; exit 3", "exit code 3"],
      ["no-such-command-osk_secret", "exit code 127"],
      ["true osk_secret", "it printed nothing"],
    ] as const) {
      const error = await failureOf(resolve(`!${command}`));
      expect(error.code).toBe("config");
      expect(error.message).toBe(`The API key comes from a command that failed: ${reason}.`);
      expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain("osk_secret");
    }
  });
});

test("a masked key shows its end where it is long, and no more", () => {
  expect(maskKey("osk_0123456789abcdef")).toBe("osk_…cdef");
  expect(maskKey("0123456789abcdef")).toBe("…cdef");
  expect(maskKey("osk_short")).toBe("osk_…");
  expect(maskKey("")).toBe("…");
});
