import { expect, test } from "bun:test";
import { type Api, uniqueId } from "./client.ts";

/** Contract, sections 1 and 3. */
export function testErrors(api: () => Api): void {
  const postRoutes = ["/sync/session", "/sync/message", "/sync/batch"];

  test("an unknown route and a slash at the end are not found", async () => {
    for (const path of ["/sync/session/", "/sync/nothing", "/"]) {
      expect((await api().post(path, {})).status).toBe(404);
    }
  });

  test("HEAD is GET without a body", async () => {
    const { status, body } = await api().request("HEAD", "/health");
    expect([status, body]).toEqual([200, ""]);
  });

  test("answers can be read by pages of any origin", async () => {
    const { headers } = await api().request("GET", "/health");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("content-type")).toBe("application/json");
  });

  test("a body that is not JSON is a syntax error with status 500", async () => {
    for (const path of postRoutes) {
      for (const body of ["", "{", "{'a':1}"]) {
        const answer = await api().post(path, body);
        expect(answer.status).toBe(500);
        expect(answer.body.error).toContain("SyntaxError");
      }
    }
  });

  test("a body of null is a type error with status 500", async () => {
    for (const path of postRoutes) {
      const answer = await api().post(path, "null");
      expect(answer.status).toBe(500);
      expect(answer.body.error).toContain("TypeError");
    }
  });

  test("the content type of a request does not matter", async () => {
    const headers = {
      authorization: `Bearer ${api().target.apiKey}`,
      "content-type": "text/plain",
    };
    const body = { externalId: uniqueId() };
    expect((await api().request("POST", "/sync/session", headers, body)).status).toBe(200);
  });
}
