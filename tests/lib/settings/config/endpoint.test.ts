import { expect, test } from "bun:test";

import {
  isFolderEndpoint,
  isR2Endpoint,
  parseEndpoint,
} from "../../../../lib/settings/config/endpoint.ts";

test.each([
  ["https://s3.example.com", "https://s3.example.com"],
  ["HTTPS://S3.Example.com:443//", "https://s3.example.com"],
  ["https://example.com/minio/", "https://example.com/minio"],
  ["http://127.0.0.1:9000", "http://127.0.0.1:9000"],
  ["http://localhost:9000/", "http://localhost:9000"],
  ["http://[::1]:9000", "http://[::1]:9000"],
])("%s is an address", (given, endpoint) => {
  expect(parseEndpoint(given)).toBe(endpoint);
  expect(isFolderEndpoint(endpoint)).toBe(false);
});

test.each([
  ["/mnt/nas", "/mnt/nas"],
  ["~/Sync/pi", "~/Sync/pi"],
  ["~", "~"],
  ["file:///mnt/nas", "/mnt/nas"],
  ["file://localhost/mnt/nas", "/mnt/nas"],
  ["file:///mnt/%C3%A4%20b", "/mnt/ä b"],
])("%s is a folder", (given, endpoint) => {
  expect(parseEndpoint(given)).toBe(endpoint);
  expect(isFolderEndpoint(endpoint)).toBe(true);
});

test.each([
  "",
  "http://s3.example.com",
  "http://127.0.0.1.example.com",
  "https://user:pass@s3.example.com",
  "https://s3.example.com/?x=1",
  "https://s3.example.com/#x",
  "ftp://example.com",
  "s3://bucket",
  "file://nas/share",
  "file:///a%2Fb",
  "/a\0b",
  "file:///a%00b",
  "relative/folder",
  "~other/folder",
  `/${"x".repeat(3000)}`,
  undefined,
  3,
])("%p is neither", (given) => {
  expect(parseEndpoint(given)).toBeUndefined();
});

test("R2 is known by its host", () => {
  expect(isR2Endpoint("https://0a.r2.cloudflarestorage.com")).toBe(true);
  expect(isR2Endpoint("https://0a.eu.r2.cloudflarestorage.com/x")).toBe(true);
  expect(isR2Endpoint("https://r2.cloudflarestorage.com.example.com")).toBe(false);
  expect(isR2Endpoint("/mnt/0a.r2.cloudflarestorage.com")).toBe(false);
  expect(isR2Endpoint(undefined)).toBe(false);
});
