/** The S3 server that the store is tested against, held against AWS's own examples and another client. */

import { describe, expect, test } from "bun:test";
import { AwsClient } from "aws4fetch";
import { inTurn } from "./fault.ts";
import { type S3Server, type S3ServerOptions, startS3Server, testCredentials } from "./server.ts";
import { sha256, signatureOf } from "./signature.ts";

describe("a signature", () => {
  // "Examples: Signature Calculations" in the documentation of Amazon S3.
  const example = {
    headers: { host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z" },
    bucket: undefined,
    key: undefined,
    query: new Map<string, string>(),
    body: Buffer.alloc(0),
  };
  const scope = { amzDate: "20130524T000000Z", day: "20130524", region: "us-east-1" };
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

  test("is that of AWS's example of a GET", () => {
    const headers = { ...example.headers, range: "bytes=0-9", "x-amz-content-sha256": sha256("") };
    const request = { ...example, method: "GET", rawPath: "/test.txt", rawQuery: "", headers };
    const signedHeaders = ["host", "range", "x-amz-content-sha256", "x-amz-date"];
    expect(signatureOf(request, { ...scope, signedHeaders }, secret)).toBe(
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
  });

  test("is that of AWS's example of a listing", () => {
    const headers = { ...example.headers, "x-amz-content-sha256": sha256("") };
    const rawQuery = "prefix=J&max-keys=2";
    const request = { ...example, method: "GET", rawPath: "/", rawQuery, headers };
    const signedHeaders = ["host", "x-amz-content-sha256", "x-amz-date"];
    expect(signatureOf(request, { ...scope, signedHeaders }, secret)).toBe(
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    );
  });
});

describe("another client", () => {
  test("writes, reads and deletes", async () => {
    await using server = await startS3Server();
    expect(await ask(server, "PUT", "a%20b/%C3%A4%2B%27", { body: "hello" })).toMatchObject({
      status: 200,
    });
    expect([...server.objects.keys()]).toEqual(["a b/ä+'"]);
    expect((await ask(server, "GET", "a%20b/%C3%A4%2B%27")).text).toBe("hello");
    expect((await ask(server, "HEAD", "a%20b/%C3%A4%2B%27")).status).toBe(200);
    expect((await ask(server, "DELETE", "a%20b/%C3%A4%2B%27")).status).toBe(204);
    expect(await ask(server, "GET", "a%20b/%C3%A4%2B%27")).toMatchObject({
      status: 404,
      code: "NoSuchKey",
    });
    expect(server.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      "PUT 200",
      "GET 200",
      "HEAD 200",
      "DELETE 204",
      "GET 404",
    ]);
  });

  test("creates a key once", async () => {
    await using server = await startS3Server();
    const headers = { "if-none-match": "*" };
    expect((await ask(server, "PUT", "k", { body: "1", headers })).status).toBe(200);
    expect(await ask(server, "PUT", "k", { body: "2", headers })).toMatchObject({
      status: 412,
      code: "PreconditionFailed",
    });
    expect(server.objects.get("k")?.toString()).toBe("1");
  });

  test("gets pages of a listing, in the order of bytes and escaped", async () => {
    await using server = await startS3Server({ pageSize: 2 });
    const keys = ["p/a&b", "p/<Key>", "p/\u{fffd}", "p/\u{1f600}", "q"];
    for (const key of keys) server.objects.set(key, Buffer.from("x"));
    const first = await ask(server, "GET", "?list-type=2&prefix=p%2F");
    expect(first.text.match(/<Key>.*?<\/Key>/g)).toEqual([
      "<Key>p/&lt;Key&gt;</Key>",
      "<Key>p/a&amp;b</Key>",
    ]);
    const token = /<NextContinuationToken>(.*)<\/Next/.exec(first.text)![1]!;
    const rest = `?list-type=2&prefix=p%2F&encoding-type=url&continuation-token=`;
    const second = await ask(server, "GET", `${rest}${encodeURIComponent(token)}`);
    expect(second.text).toContain("<IsTruncated>false</IsTruncated>");
    expect(second.text.match(/<Key>.*?<\/Key>/g)).toEqual([
      "<Key>p/%EF%BF%BD</Key>",
      "<Key>p/%F0%9F%98%80</Key>",
    ]);
  });
});

describe("what is refused", () => {
  const otherToken = { ...testCredentials, sessionToken: "token" };
  const wrong: [string, string, Refused][] = [
    ["another key", "InvalidAccessKeyId", { client: { accessKeyId: "AKIDOTHER" } }],
    ["another secret", "SignatureDoesNotMatch", { client: { secretAccessKey: "other" } }],
    ["another region", "AuthorizationHeaderMalformed", { client: { region: "eu-other-1" } }],
    ["a clock that is late", "RequestTimeTooSkewed", { server: { clockOffsetMs: 16 * 60_000 } }],
    ["a clock that is early", "RequestTimeTooSkewed", { server: { clockOffsetMs: -16 * 60_000 } }],
    ["a token of nobody's", "InvalidToken", { client: { sessionToken: "token" } }],
    ["a token left out", "InvalidToken", { server: { credentials: [otherToken] } }],
    ["another bucket", "NoSuchBucket", { server: { bucket: "other" } }],
    ["another body", "XAmzContentSHA256Mismatch", { headers: hashHeader(sha256("else")) }],
    ["an unsigned body", "InvalidRequest", { headers: hashHeader("UNSIGNED-PAYLOAD") }],
    ["a path that was changed", "SignatureDoesNotMatch", { change: (url) => `${url}x` }],
    ["a query that was added", "SignatureDoesNotMatch", { change: (url) => `${url}?x=1` }],
    ["an unsigned header of S3's", "AccessDenied", { added: { "x-amz-acl": "public-read" } }],
    ["another host", "SignatureDoesNotMatch", { added: { host: "other" } }],
    ["no signature", "AccessDenied", { added: { authorization: undefined } }],
    ["a letter that is encoded", "InvalidURI", { key: "a%41" }],
    ["a plus sign that is not encoded", "InvalidURI", { key: "a+b" }],
    ["small hexadecimal digits", "InvalidURI", { key: "a%2f" }],
    ["a missing key without the right to list", "AccessDenied", { server: { mayList: false } }],
  ];

  test.each(wrong)("%s: %s", async (_, code, { server: options, key = "k", ...asked }) => {
    await using server = await startS3Server(options);
    expect((await ask(server, "GET", key, asked)).code).toBe(code);
    expect(server.objects.size).toBe(0);
  });
});

test("faults come in turn, and only what was done stays", async () => {
  await using server = await startS3Server({ retryAfterSeconds: 7 });
  const put = (key: string) => ask(server, "PUT", key, { body: key }).catch(() => undefined);
  server.chooseFault = inTurn("500", "500-after", "503", "409", undefined);
  for (const key of ["a", "b", "c", "d", "e"]) await put(key);
  server.chooseFault = () => "lose-answer";
  expect(await put("f")).toBeUndefined();
  expect([...server.objects.keys()]).toEqual(["b", "e", "f"]);
});

interface Refused extends Ask {
  server?: Partial<S3ServerOptions>;
  key?: string;
}

interface Ask {
  body?: string;
  /** Signed along. */
  headers?: Record<string, string>;
  client?: Partial<ConstructorParameters<typeof AwsClient>[0]>;
  /** Changes the address after it was signed. */
  change?: (url: string) => string;
  /** Headers that are changed after they were signed. */
  added?: Record<string, string | undefined>;
}

/** Sends one request that aws4fetch has signed. */
async function ask(
  server: S3Server,
  method: string,
  target: string,
  { body = "", headers = {}, client, change = (url) => url, added = {} }: Ask = {},
): Promise<{ status: number; text: string; code: string | undefined }> {
  const { region } = server;
  const signer = new AwsClient({ ...testCredentials, service: "s3", region, ...client });
  const url = `${server.url}/pi-settings/${target}`.replace("/?", "?");
  const signed = await signer.sign(url, {
    method,
    headers: { ...hashHeader(sha256(body)), ...headers },
    ...(method === "PUT" ? { body } : {}),
  });
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined) signed.headers.delete(name);
    else signed.headers.set(name, value);
  }
  const response = await fetch(change(signed.url), {
    method,
    headers: signed.headers,
    ...(method === "PUT" ? { body } : {}),
  });
  const text = await response.text();
  return { status: response.status, text, code: /<Code>(.*)<\/Code>/.exec(text)?.[1] };
}

function hashHeader(hash: string): Record<string, string> {
  return { "x-amz-content-sha256": hash };
}
