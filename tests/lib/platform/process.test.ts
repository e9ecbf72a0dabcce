import { expect, test } from "bun:test";

import { isProcessAlive, processId } from "../../../lib/platform/process.ts";

test("this process is alive", () => {
  expect(processId).toBe(process.pid);
  expect(isProcessAlive(processId)).toBe(true);
});

test("a process is alive until it is killed", async () => {
  const child = Bun.spawn(["sleep", "60"]);
  expect(isProcessAlive(child.pid)).toBe(true);
  child.kill("SIGKILL");
  await child.exited;
  expect(isProcessAlive(child.pid)).toBe(false);
});

test("a process of somebody else is alive", () => {
  expect(isProcessAlive(1)).toBe(true);
});

test("a number that no process can have is not alive", () => {
  expect(isProcessAlive(999_999_999)).toBe(false);
  expect(isProcessAlive(Number.MAX_SAFE_INTEGER)).toBe(false);
  expect(isProcessAlive(Number.NaN)).toBe(false);
});
