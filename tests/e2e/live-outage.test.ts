/** Whatever is wrong with the server, pi goes on as it would, and all arrives in the end. */

import { expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expectAllAtNextStart, rpcFlow, testFlows } from "../support/pi/live.ts";
import type { LiveBox } from "../support/pi/live.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { until } from "../support/pi/until.ts";

await testFlows([
  rpcFlow(
    "down for the second and third of four prompts",
    async (pi, box) => {
      await pi.prompt("one");
      box.fail("drop");
      await pi.prompt("two");
      await pi.prompt("three");
      box.fail(undefined);
      await pi.prompt("four");
    },
    { expect: expectAllAtNextStart },
  ),
  rpcFlow(
    "down, then up while nothing happens in pi",
    async (pi, box) => {
      box.fail("500");
      await pi.prompt("one");
      await pi.close();
      expect(warningsOf(pi).length).toBeLessThan(2);
      box.fail(undefined);
    },
    { expect: expectAllAtNextStart },
  ),
  rpcFlow(
    "answers that are lost or cut",
    async (pi, box) => {
      for (const [index, fault] of (
        ["lose-answer", "cut-answer", "429", "conflict"] as const
      ).entries()) {
        box.fail(fault);
        await pi.prompt(`prompt ${index}`);
        box.fail(undefined);
      }
    },
    { expect: expectAllAtNextStart },
  ),
  rpcFlow(
    "every third request fails",
    async (pi, box) => {
      let requests = 0;
      box.fail(() => (++requests % 3 === 0 ? "page" : undefined));
      for (let n = 0; n < 8; n++) await pi.prompt(`prompt ${n}`);
      await pi.close();
      box.fail(undefined);
    },
    { expect: expectAllAtNextStart },
  ),
  rpcFlow(
    "a server that takes its time",
    async (pi, box) => {
      const measure = async (prompt: string): Promise<number> => {
        const times: number[] = [];
        for (let n = 0; n < 3; n++) {
          const start = Date.now();
          await pi.prompt(`${prompt} ${n}`);
          times.push(Date.now() - start);
        }
        return times.toSorted((a, b) => a - b)[1]!;
      };
      const usual = await measure("at once");
      box.fail("slow");
      // Each request takes 300 ms now, and a prompt has two messages.
      expect(await measure("slowly")).toBeLessThan(usual + 300);
    },
    { expect: expectAllAtNextStart },
  ),
  {
    name: "a server that never answers keeps pi neither from starting nor from ending",
    expect: expectAllAtNextStart,
    async run(box) {
      box.fail("stall");
      await using pi = box.rpc();
      await pi.prompt("one");
      const start = Date.now();
      await pi.close();
      expect(Date.now() - start).toBeLessThan(6000);
      expect(warningsOf(pi).length).toBeLessThan(2);
      const print = Date.now();
      expect((await box.run("-p", "two")).exitCode).toBe(0);
      expect(Date.now() - print).toBeLessThan(8000);
      box.fail(undefined);
    },
  },
  {
    name: "a command for the key that takes its time holds up no end of pi",
    expect: expectAllAtNextStart,
    async run(box) {
      const file = join(box.home, ".config/pi-opensync/config.json");
      const config = (await Bun.file(file).json()) as { apiKey: string };
      const apiKey = `!sleep 20; echo ${config.apiKey}`;
      await writeFile(file, JSON.stringify({ ...config, apiKey }));
      const start = Date.now();
      expect((await box.run("-p", "one")).exitCode).toBe(0);
      expect(Date.now() - start).toBeLessThan(9000);
      await writeFile(file, JSON.stringify(config));
    },
  },
  {
    name: "a key that the server does not know, until it is corrected",
    expect: expectAllAtNextStart,
    async run(box) {
      const file = join(box.home, ".config/pi-opensync/config.json");
      const config = await Bun.file(file).json();
      await writeFile(file, JSON.stringify({ ...config, apiKey: `osk_${"x".repeat(32)}` }));
      {
        await using pi = box.rpc();
        await pi.prompt("one");
        await until("a warning", () => warningsOf(pi).length > 0);
        await pi.prompt("two");
        await pi.close();
        expect(warningsOf(pi)).toHaveLength(1);
      }
      expect(await box.server.read()).toEqual(new Map());
      await writeFile(file, JSON.stringify(config));
    },
  },
  rpcFlow(
    "without a configuration it does nothing and says little",
    async (pi) => {
      await pi.prompt("one");
      await pi.close();
      expect(warningsOf(pi)).toEqual([]);
      expect(pi.notices().length).toBeLessThan(2);
    },
    { box: { config: {} }, expect: expectNothing },
  ),
]);

async function expectNothing(box: LiveBox): Promise<void> {
  expect(await box.server.read()).toEqual(new Map());
}

/** What the person was told that is more than information. */
function warningsOf(pi: RpcPi): string[] {
  return pi
    .notices()
    .filter(({ type }) => type !== "info")
    .map(({ message }) => message);
}
