import { expect, test } from "bun:test";
import { type Api, past, uniqueId } from "./client.ts";

const mebibyte = 1024 * 1024;

/** Contract, section 9. */
export function testLimits(api: () => Api): void {
  const send = (fields: object | string) => {
    const ids = { sessionExternalId: uniqueId(), externalId: uniqueId("m"), role: "tool" };
    const message = { ...ids, createdAt: past };
    const body =
      typeof fields === "string"
        ? JSON.stringify(message).replace("}", `,${fields}}`)
        : { ...message, ...fields };
    return api().post("/sync/message", body);
  };
  const takes = async (fields: object) => expect((await send(fields)).status).toBe(200);
  const refuses = async (fields: object | string, reason: RegExp) => {
    const { status, body } = await send(fields);
    expect(status).toBe(500);
    expect(body.error).toMatch(reason);
  };
  const part = (content: unknown) => ({ parts: [{ type: "tool-result", content }] });

  test("a part or a text of more than 1 MiB is too large", async () => {
    await takes(part("x".repeat(mebibyte - 2000)));
    await refuses(part("x".repeat(mebibyte)), /too large/);
    await refuses({ textContent: "x".repeat(mebibyte) }, /too large/);
    await refuses(part({ deep: ["é".repeat(mebibyte / 2)] }), /too large/);
  });

  test("a part is at most 15 levels deep", async () => {
    const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);
    await takes(part(nest(15)));
    await refuses(part(nest(16)), /too nested/);
    await refuses(part(nest(100)), /too nested/);
  });

  test("an array holds at most 8,192 items", async () => {
    await takes(part(Array(8192).fill(0)));
    await refuses(part([Array(8193).fill(0)]), /Array length is too long/);
    const parts = Array(8193).fill({ type: "text", content: "" });
    await refuses({ parts }, /Array length is too long/);
  });

  test("an object holds at most 1,024 fields", async () => {
    const object = (fields: number) =>
      Object.fromEntries(Array.from({ length: fields }, (_, i) => [`k${i}`, 0]));
    await takes(part(object(1024)));
    await refuses(part(object(1025)), /too many fields/);
  });

  test("names of fields are printable ASCII and do not start with a dollar sign", async () => {
    await takes(part({ "": 1, _x: 1, "a b.c": 1, a$: 1 }));
    for (const name of ["$ref", "schlüssel", "a\nb", "名"]) {
      await refuses(part({ list: [{ [name]: 1 }] }), /Field name/);
    }
    await refuses(part({ ["x".repeat(1025)]: 1 }), /Field name/);
  });

  test("half a surrogate pair is refused in every text", async () => {
    const reason = /invalid json|surrogate/i;
    await refuses('"textContent":"\\ud83d"', reason);
    await refuses('"parts":[{"type":"text","content":{"a":["\\ude00 x"]}}]', reason);
    await takes({ textContent: "\u{1F600}", ...part("nul \0 is fine") });
  });

  test("a call takes at most 16 MiB", async () => {
    const parts = Array(17).fill({ type: "text", content: "x".repeat(mebibyte - 2000) });
    await refuses({ parts }, /too large|too many bytes/i);
  });
}
