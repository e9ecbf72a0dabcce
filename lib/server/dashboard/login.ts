import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Login } from "../../dashboard/api.ts";
import type { Clock } from "../../platform/clock.ts";

const linkMs = 15 * 60_000;
const tokenMs = 90 * 86_400_000;
/** Links that wait to be used; another one takes the place of the oldest. */
const linksMax = 32;

/** How a person gets in: a link that is good once is exchanged for a token that the page keeps. */
export interface LoginLinks {
  /** Makes the secret of a link, for `#login=…`; good for 15 minutes. */
  create(): string;
  /** Uses a link up; undefined where it is used up already, too old, or none. */
  redeem(link: string): Login | undefined;
  /** Whether a token was given by a server with this API key, within the last 90 days. */
  isToken(token: string): boolean;
}

/** Makes the links and tokens of the person who owns `apiKey`; another key ends all tokens. */
export function createLoginLinks({ apiKey, clock }: LoginOptions): LoginLinks {
  /** By the hash of the link, so that the time of a look-up tells nothing about the links. */
  const expiries = new Map<string, number>();
  const sign = (claim: string): Buffer =>
    createHmac("sha256", apiKey).update(`pi-opensync dashboard ${claim}`).digest();

  return {
    create() {
      const link = randomBytes(24).toString("base64url");
      expiries.set(hashOf(link), clock.now() + linkMs);
      const oldest = expiries.keys().next().value;
      if (expiries.size > linksMax && oldest !== undefined) expiries.delete(oldest);
      return link;
    },
    redeem(link) {
      const hash = hashOf(link);
      const linkExpiry = expiries.get(hash) ?? 0;
      expiries.delete(hash);
      if (clock.now() >= linkExpiry) return undefined;
      const expiresAt = clock.now() + tokenMs;
      const claim = `${expiresAt}.${randomBytes(16).toString("base64url")}`;
      return { token: `${claim}.${sign(claim).toString("base64url")}`, expiresAt };
    },
    isToken(token) {
      const found = /^((\d{1,15})\.[\w-]{22})\.([\w-]{43})$/.exec(token);
      const [, claim = "", expiry = "", signature = ""] = found ?? [];
      const given = Buffer.from(signature, "base64url");
      const expected = sign(claim);
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      return isOurs && clock.now() < Number(expiry);
    },
  };
}

interface LoginOptions {
  apiKey: string;
  clock: Clock;
}

function hashOf(link: string): string {
  return createHash("sha256").update(link).digest("hex");
}
