import { expect, test } from "bun:test";
import { createLoginLinks } from "../../../../lib/server/dashboard/login.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

function openLinks(apiKey = "osk_a") {
  let now = 1_000_000;
  const clock = { now: () => now, random: () => 0, sleep: () => Promise.resolve() };
  return { ...createLoginLinks({ apiKey, clock }), advance: (ms: number) => void (now += ms) };
}

test("a link lets in once, with a token for 90 days", () => {
  const links = openLinks();
  const link = links.create();
  expect(link).toMatch(/^[\w-]{32}$/);
  const login = links.redeem(link);
  expect(login?.expiresAt).toBe(1_000_000 + 90 * dayMs);
  expect(links.isToken(login?.token ?? "")).toBe(true);
  expect(links.redeem(link)).toBeUndefined();
  links.advance(90 * dayMs - 1);
  expect(links.isToken(login?.token ?? "")).toBe(true);
  links.advance(1);
  expect(links.isToken(login?.token ?? "")).toBe(false);
});

test("a link is good for 15 minutes", () => {
  const links = openLinks();
  const [early, late] = [links.create(), links.create()];
  links.advance(15 * minuteMs - 1);
  expect(links.redeem(early)).toBeDefined();
  links.advance(1);
  expect(links.redeem(late)).toBeUndefined();
  expect(links.redeem("")).toBeUndefined();
});

test("so many links may wait, and the oldest makes room", () => {
  const links = openLinks();
  const first = links.create();
  const rest = Array.from({ length: 32 }, () => links.create());
  expect(links.redeem(first)).toBeUndefined();
  for (const link of rest) expect(links.redeem(link)).toBeDefined();
});

test("no token can be made up or changed, and another key ends all", () => {
  const links = openLinks();
  const { token = "" } = links.redeem(links.create()) ?? {};
  const [expiry = "", nonce, signature] = token.split(".");
  for (const wrong of [
    "",
    "a.b.c",
    `${Number(expiry) + 1}.${nonce}.${signature}`,
    `${expiry}.${nonce?.replace(/.$/, (c) => (c === "A" ? "B" : "A"))}.${signature}`,
    `${expiry}.${nonce}.${"A".repeat(43)}`,
    `${token}A`,
    ` ${token}`,
  ]) {
    expect(links.isToken(wrong)).toBe(false);
  }
  expect(openLinks("osk_b").isToken(token)).toBe(false);
  expect(openLinks("osk_a").isToken(token)).toBe(true);
});
