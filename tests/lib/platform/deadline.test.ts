import { expect, test } from "bun:test";
import { startDeadline } from "../../../lib/platform/deadline.ts";

test("aborts when the time is up", async () => {
  const deadline = startDeadline(5);
  await Bun.sleep(30);
  expect(deadline.hasPassed()).toBe(true);
  expect(deadline.signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("passes on the caller's signal, which is not a passed time", () => {
  const controller = new AbortController();
  const deadline = startDeadline(1_000, controller.signal);
  controller.abort("stop");
  expect(deadline.signal.reason).toBe("stop");
  expect(deadline.hasPassed()).toBe(false);
  expect(startDeadline(1_000, controller.signal).signal.reason).toBe("stop");
});

test("does nothing more once it has ended", async () => {
  const controller = new AbortController();
  const deadline = startDeadline(5, controller.signal);
  deadline.end();
  controller.abort("stop");
  await Bun.sleep(30);
  expect(deadline.signal.aborted).toBe(false);
  expect(deadline.hasPassed()).toBe(false);
});

test("does not keep a process alive", async () => {
  const path = JSON.stringify(
    new URL("../../../lib/platform/deadline.ts", import.meta.url).pathname,
  );
  const script = `import { startDeadline } from ${path}; startDeadline(60_000);`;
  const process_ = Bun.spawn([process.execPath, "-e", script]);
  expect(await process_.exited).toBe(0);
});
