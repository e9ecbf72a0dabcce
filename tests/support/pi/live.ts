import { describe, expect, test } from "bun:test";

import { faultyProxy } from "../faulty-proxy.ts";
import type { Fault } from "../faulty-proxy.ts";
import { testServer } from "../server.ts";
import type { TestServer } from "../server.ts";
import { expectDelivered, expectSameAsBackfill } from "./compare.ts";
import { piTargets } from "./install.ts";
import { ourExtension, piSandbox } from "./sandbox.ts";
import type { PiSandbox, SandboxOptions } from "./sandbox.ts";
import type { RpcPi } from "./rpc.ts";
import { isSince } from "./targets.ts";
import type { TuiPi } from "./tui.ts";

/** Something that people do with pi, after which the server has to hold what the files say. */
export interface Flow {
  name: string;
  /** The first version of pi that can do it, such as "1.5". */
  since?: string;
  /** What the sandbox is like. */
  box?: Partial<SandboxOptions>;
  run(box: LiveBox): Promise<void>;
  /** What has to hold when pi has ended; that all is delivered unless given. */
  expect?: (box: LiveBox) => Promise<void>;
}

/** A sandbox with our extension, an OpenSync server, and a proxy between the two. */
export interface LiveBox extends PiSandbox {
  server: TestServer;
  /** What goes wrong with each request from now on. */
  fail(fault: Choice | Fault | undefined): void;
}

type Choice = () => Fault | undefined;

const helperExtension = `${import.meta.dirname}/../../fixtures/pi-helper.ts`;

/** A flow in which a client drives pi, and then ends it. */
export function rpcFlow(
  name: string,
  run: (pi: RpcPi, box: LiveBox) => Promise<void>,
  more: Omit<Flow, "name" | "run"> = {},
): Flow {
  return {
    name,
    ...more,
    async run(box) {
      await using pi = box.rpc();
      await run(pi, box);
      await pi.close();
      expect(pi.errors()).toEqual([]);
      expect(pi.notices().filter(({ type }) => type === "error")).toEqual([]);
    },
  };
}

/** A flow in which a person types into pi, and then ends it with ctrl+d. */
export function tuiFlow(
  name: string,
  run: (pi: TuiPi, box: LiveBox) => Promise<void>,
  more: Omit<Flow, "name" | "run"> = {},
): Flow {
  return {
    name,
    ...more,
    async run(box) {
      await using pi = await box.tui();
      await run(pi, box);
      pi.press("C-d");
      await pi.ended();
    },
  };
}

/** Tests each flow with each version of pi. */
export async function testFlows(flows: readonly Flow[]): Promise<void> {
  for (const target of await piTargets()) {
    describe(target.name, () => {
      for (const flow of flows) {
        if (flow.since && !isSince(target, flow.since)) continue;
        test(
          flow.name,
          async () => {
            await using box = await liveBox({ target, ...flow.box });
            await flow.run(box);
            await (flow.expect ?? expectAll)(box);
          },
          60_000,
        );
      }
    });
  }
}

async function liveBox(options: SandboxOptions): Promise<LiveBox> {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  let choose: Choice = () => undefined;
  const proxy = stack.use(await faultyProxy(server.server.url, () => choose()));
  const config = { url: proxy.url, apiKey: server.server.apiKey };
  const extensions = [ourExtension, helperExtension];
  const box = stack.use(await piSandbox({ config, extensions, ...options }));
  return {
    ...box,
    server,
    fail: (fault) => void (choose = typeof fault === "function" ? fault : () => fault),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function expectAll(box: LiveBox): Promise<void> {
  await expectDelivered(box.server, () => box.sessionFiles());
  await expectSameAsBackfill(box.server, box.sessionFiles());
}

/** Expects that all comes to be delivered while pi runs and does nothing. */
export async function expectAllSoon(box: LiveBox): Promise<void> {
  await expectDelivered(box.server, () => box.sessionFiles(), 15_000);
}

/** Expects that what a killed pi left unsent is sent when pi starts again and nothing is asked. */
export async function expectAllAtNextStart(box: LiveBox): Promise<void> {
  await using pi = box.rpc();
  await pi.ask("get_state");
  await expectAllSoon(box);
  await pi.close();
  await expectAll(box);
}
