import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { messageOf } from "../../errors.ts";
import type { Clock } from "../../platform/clock.ts";

/** The way to a server. A step is absent where one before it failed, or where there is none. */
export interface RouteFacts {
  host: string;
  port: number;
  /** Its name to an address; absent where the host is an address itself. */
  name?: Step;
  /** A connection. */
  connection?: Step;
  /** The server's certificate; absent where it speaks plain http. */
  certificate?: Certificate | { failed: string };
}

/** One step of the way: how long it took, or the system's word for why not, such as `ENOTFOUND`. */
export type Step = { ms: number } | { failed: string };

/** A certificate as the server shows it. */
export interface Certificate {
  /** Why it is not trusted, in OpenSSL's word, such as `CERT_HAS_EXPIRED`. */
  distrust?: string;
  /** Unix milliseconds. */
  validFromMs: number;
  validToMs: number;
  subject: string;
  issuer: string;
}

/** Goes the way to a server, as far as it gets before the signal. Sends nothing. */
export async function probeRoute(
  url: URL,
  clock: Pick<Clock, "now">,
  signal: AbortSignal,
): Promise<RouteFacts> {
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  const isSecure = url.protocol === "https:";
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const route: RouteFacts = { host, port };
  if (isIP(host) === 0) {
    route.name = await takeStep(clock, signal, () => lookup(host));
    if ("failed" in route.name) return route;
  }
  route.connection = await takeStep(clock, signal, () => openConnection(host, port, signal));
  if ("failed" in route.connection || !isSecure) return route;
  try {
    route.certificate = await readCertificate(host, port, signal);
  } catch (error) {
    route.certificate = { failed: codeOf(error) };
  }
  return route;
}

async function takeStep(
  clock: Pick<Clock, "now">,
  signal: AbortSignal,
  action: () => Promise<unknown>,
): Promise<Step> {
  const startedAtMs = clock.now();
  try {
    await Promise.race([action(), rejectOnAbort(signal)]);
    return { ms: clock.now() - startedAtMs };
  } catch (error) {
    return { failed: codeOf(error) };
  }
}

/** Looking up a name can't be ended, only left alone. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

function openConnection(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port });
  return settle(socket, "connect", signal, () => {});
}

function readCertificate(host: string, port: number, signal: AbortSignal): Promise<Certificate> {
  // It is only looked at: no request is sent over this connection.
  const socket = connectTls({
    host,
    port,
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  return settle(socket, "secureConnect", signal, () => {
    const { valid_from, valid_to, subject, issuer } = socket.getPeerCertificate();
    const distrust = socket.authorized ? undefined : codeOf(socket.authorizationError);
    return {
      ...(distrust !== undefined && { distrust }),
      validFromMs: Date.parse(valid_from),
      validToMs: Date.parse(valid_to),
      subject: nameOf(subject),
      issuer: nameOf(issuer),
    };
  });
}

function settle<T>(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
  read: () => T,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => void socket.destroy(signal.reason as Error);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
    socket.once(event, () => {
      try {
        resolve(read());
      } catch (error) {
        reject(error);
      }
      socket.destroy();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Node's types promise a name with every part; certificates do not. */
function nameOf(name: { CN?: string | string[]; O?: string | string[] } | undefined): string {
  return [name?.CN ?? name?.O ?? "nobody"].flat().join(", ");
}

/** Node gives an error, Bun and older versions a word. */
function codeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return "ETIMEDOUT";
  if (error instanceof Error && "code" in error && typeof error.code === "string")
    return error.code;
  return messageOf(error);
}
