import { expect, test } from "bun:test";

import { keepLoopbackDirect } from "../../cli/proxy.ts";

function adjusted(env: Record<string, string>): Record<string, string | undefined> {
  const copy: Record<string, string | undefined> = { ...env };
  keepLoopbackDirect(copy);
  return copy;
}

test("without a proxy nothing changes", () => {
  expect(adjusted({ NO_PROXY: "a.example" })).toEqual({ NO_PROXY: "a.example" });
});

test.each(["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "all_proxy"])(
  "with %s, this machine is reached without it",
  (name) => {
    expect(adjusted({ [name]: "http://proxy.example" })).toMatchObject({
      NO_PROXY: "localhost,127.0.0.1,[::1]",
      no_proxy: "localhost,127.0.0.1,[::1]",
    });
  },
);

test("what else goes without the proxy is kept; the lower case counts first", () => {
  const env = { HTTP_PROXY: "http://proxy.example", NO_PROXY: "a.example", no_proxy: "b.example" };
  expect(adjusted(env)["NO_PROXY"]).toBe("b.example,localhost,127.0.0.1,[::1]");
  expect(adjusted(env)["no_proxy"]).toBe("b.example,localhost,127.0.0.1,[::1]");
});
