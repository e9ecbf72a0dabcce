import { describe, expect, test } from "bun:test";
import { AwsV4Signer } from "aws4fetch";
import fc from "fast-check";
import { encodeRfc3986, hashBody, signRequest } from "../../../lib/object-store/sigv4.ts";

/** The examples of AWS: "Transferring Payload in a Single Chunk" in the reference of S3's API. */
describe("the published examples", () => {
  const scope = {
    credentials: {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    region: "us-east-1",
    nowMs: Date.UTC(2013, 4, 24),
  };
  const host = "https://examplebucket.s3.amazonaws.com";

  test.each([
    [
      "get an object",
      { method: "GET", url: `${host}/test.txt`, headers: { range: "bytes=0-9" } },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "put an object",
      {
        method: "PUT",
        url: `${host}/test%24file.text`,
        headers: {
          date: "Fri, 24 May 2013 00:00:00 GMT",
          "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        body: "Welcome to Amazon S3.",
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "get a bucket's lifecycle",
      { method: "GET", url: `${host}?lifecycle`, headers: {} },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "list objects",
      { method: "GET", url: `${host}/?max-keys=2&prefix=J`, headers: {} },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])(
    "%s",
    (
      _,
      {
        body = "",
        ...request
      }: { method: string; url: string; headers: Record<string, string>; body?: string },
      signature,
    ) => {
      const signed = signRequest({ ...request, bodySha256: hashBody(body) }, scope);
      expect(signed.authorization).toEndWith(`,Signature=${signature}`);
      expect(signed["x-amz-date"]).toBe("20130524T000000Z");
    },
  );
});

test("another implementation signs the same", async () => {
  const word = fc.string({
    unit: fc.constantFrom(...Array.from("aZ09 +%41'()*!~-_.=&?#:;,@$é日🙈")),
    minLength: 1,
  });
  const name = word.filter((text) => text !== "." && text !== "..");
  const arbitrary = fc.record({
    names: fc.array(fc.oneof(name, fc.constant("")), { minLength: 1, maxLength: 5 }),
    query: fc.dictionary(word, fc.oneof(word, fc.constant(""))),
    body: fc.uint8Array({ maxLength: 40 }),
    sessionToken: fc.option(
      fc.string({ unit: fc.constantFrom(...Array.from("aZ09+/=")), minLength: 1 }),
      {
        nil: undefined,
      },
    ),
    region: fc.constantFrom("us-east-1", "auto", "eu-central-1"),
    nowMs: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
    isConditional: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async (given) => {
      const { body, sessionToken, region, nowMs } = given;
      const query = Object.entries(given.query).map((pair) => pair.map(encodeRfc3986).join("="));
      const url = `http://127.0.0.1:7480/bucket/${given.names.map(encodeRfc3986).join("/")}?${query.join("&")}`;
      const headers = given.isConditional ? { "if-none-match": "*", "x-amz-meta-a": "b" } : {};
      const credentials = { accessKeyId: "KEY", secretAccessKey: "secret/+", sessionToken };
      const signed = signRequest(
        { method: "PUT", url, headers, bodySha256: hashBody(body) },
        { credentials, region, nowMs },
      );
      const signer = new AwsV4Signer({
        method: "PUT",
        url,
        headers: { ...headers, "x-amz-content-sha256": hashBody(body) },
        body,
        ...credentials,
        sessionToken: sessionToken as string,
        service: "s3",
        region,
        datetime: signed["x-amz-date"]!,
      });
      const other = (await signer.sign()).headers;
      expect(normal(signed.authorization!)).toBe(normal(other.get("authorization") ?? ""));
      expect(signed["x-amz-security-token"] ?? null).toBe(other.get("x-amz-security-token"));
    }),
    { numRuns: 300 },
  );
});

test("what is sent is what was given, and what was added", () => {
  const signed = signRequest(
    {
      method: "PUT",
      url: "http://127.0.0.1/b/k",
      headers: { "if-none-match": "*" },
      bodySha256: hashBody("x"),
    },
    {
      credentials: { accessKeyId: "KEY", secretAccessKey: "s", sessionToken: "TOKEN" },
      region: "auto",
      nowMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    },
  );
  expect(signed).toEqual({
    "if-none-match": "*",
    "x-amz-content-sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    "x-amz-date": "20260102T030405Z",
    "x-amz-security-token": "TOKEN",
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=KEY\/20260102\/auto\/s3\/aws4_request,SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token,Signature=[\da-f]{64}$/,
    ),
  });
});

/** Spaces between the parts are free. */
function normal(authorization: string): string {
  return authorization.replaceAll(/,\s+/g, ",");
}
