import { expect, test } from "bun:test";
import type { Api } from "./client.ts";

const endpoints: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/sync/session"],
  ["POST", "/sync/message"],
  ["POST", "/sync/batch"],
  ["GET", "/api/sessions"],
  ["GET", "/api/sessions/get"],
  ["GET", "/api/search"],
  ["GET", "/api/context"],
  ["GET", "/api/export"],
  ["GET", "/api/export/evals"],
  ["GET", "/api/stats"],
];
const unknownKey = `osk_${"A".repeat(32)}`;

/** Contract, section 2. */
export function testAuthentication(api: () => Api): void {
  const refusal = async (method: string, path: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const body = method === "POST" ? "not json" : undefined;
    const answer = await api().request(method, path, headers, body);
    expect(answer.status).toBe(401);
    return answer.body.error as string;
  };

  for (const [method, path] of endpoints) {
    test(`${method} ${path} needs a key, before it looks at anything else`, async () => {
      expect(await refusal(method, path)).toBe("Missing Authorization header");
    });
  }

  test("a header that is not a bearer token counts as missing", async () => {
    const key = api().target.apiKey;
    for (const header of [key, `bearer ${key}`, `Basic ${key}`]) {
      expect(await refusal("GET", "/api/sessions", header)).toBe("Missing Authorization header");
    }
  });

  test("an unknown key is refused", async () => {
    expect(await refusal("GET", "/api/stats", `Bearer ${unknownKey}`)).toBe("Invalid API key");
    expect(await refusal("GET", "/api/stats", "Bearer osk_short")).toBe("Invalid API key");
  });

  test("another token is refused", async () => {
    const error = await refusal("GET", "/api/stats", "Bearer nonsense");
    expect(error).toMatch(/^Invalid or expired token$|^Auth failed: /);
  });

  test("the list of sessions takes API keys only", async () => {
    const path = "/sync/sessions/list";
    expect(await refusal("GET", path)).toBe("Invalid API key format");
    expect(await refusal("GET", path, "Bearer nonsense")).toBe("Invalid API key format");
    expect(await refusal("GET", path, `Bearer ${unknownKey}`)).toBe("Invalid API key");
  });

  test("health needs no key", async () => {
    const { status, body } = await api().request("GET", "/health");
    expect(status).toBe(200);
    expect(body.status).toBe("ok");
    expect(Math.abs(body.timestamp - Date.now())).toBeLessThan(600_000);
  });
}
