import { describe, expect, test } from "bun:test";
import { Crash, createMemoryStore, type Fault } from "../../support/memory-store.ts";
import { describeStoreConformance } from "./conformance.ts";

const body = Buffer.from("body");

describeStoreConformance(
  "the memory store",
  async () => ({ store: createMemoryStore(), async [Symbol.asyncDispose]() {} }),
  { manyKeys: true },
);

describe("faults", () => {
  const withFault = (fault: Fault) =>
    createMemoryStore({ fault: ({ number }) => (number === 1 ? fault : undefined) });

  test("a failure says nothing of whether it was done", async () => {
    const before = withFault("fail-before");
    await expect(before.create("a", body)).rejects.toMatchObject({ code: "network" });
    expect(await before.list("")).toEqual([]);
    const after = withFault("fail-after");
    await expect(after.create("a", body)).rejects.toMatchObject({ code: "network" });
    expect(await after.list("")).toEqual(["a"]);
  });

  test("after a crash nothing works, and another machine goes on with the same objects", async () => {
    const store = withFault("crash-after");
    await expect(store.put("a", body)).rejects.toBeInstanceOf(Crash);
    await expect(store.list("")).rejects.toBeInstanceOf(Crash);
    const other = createMemoryStore({ objects: store.objects });
    expect(await other.list("")).toEqual(["a"]);
    const early = withFault("crash-before");
    await expect(early.put("a", body)).rejects.toBeInstanceOf(Crash);
    expect(early.objects.size).toBe(0);
  });

  test("two at once can both lose where creation is degraded", async () => {
    const objects = new Map<string, Uint8Array>();
    const stores = [1, 2].map(() => createMemoryStore({ objects, createMode: "degraded" }));
    const outcomes = await Promise.all(
      stores.map((store, index) => store.create("a", Buffer.from(`writer ${index}`))),
    );
    expect(outcomes.filter((outcome) => outcome.isCreated).length).toBeLessThan(2);
    expect(await stores[0]!.probe("")).toBe("degraded");
  });

  test("requests and bytes are counted", async () => {
    const store = createMemoryStore();
    await store.put("a", body);
    await store.get("a", { bytesMax: 10 });
    await store.create("a", Buffer.from("other body"));
    expect(store.counts).toEqual({ requests: 3, bytesUp: 4, bytesDown: 8 });
  });
});
