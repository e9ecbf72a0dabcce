/** The client against servers that misbehave below HTTP, under each runtime that it is for. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { type TempDir, tempDir } from "../../support/temp.ts";
import type { Outcome, Trial } from "./client-in-runtime.ts";

/** Node's programs: the one on the PATH, and further ones for those who have them. */
const nodes = [Bun.which("node"), ...(process.env["PI_OPENSYNC_TEST_NODES"] ?? "").split(":")];
const runtimes = [
  process.execPath,
  ...nodes.filter((path) => path !== null && path !== ""),
] as string[];

const stored = answer('{"ok":true}');
const timeoutMs = 400;

/** How a server treats a connection on which a request comes in, and what the client makes of it. */
interface Case {
  name: string;
  /** For each connection in turn; the last is for all further ones. */
  behaviours: ((socket: Socket) => void)[];
  result: string;
  triesMax?: number;
  abortMs?: number;
  tls?: boolean;
}

const cases: Case[] = [
  { name: "answers", behaviours: [send(stored)], result: "stored" },
  { name: "answers in pieces", behaviours: [sendSlowly(stored)], result: "stored" },
  { name: "closes at once", behaviours: [(socket) => socket.destroy()], result: "unreachable" },
  {
    name: "resets the connection",
    behaviours: [(socket) => socket.resetAndDestroy()],
    result: "unreachable",
  },
  { name: "never answers", behaviours: [() => {}], result: "timeout" },
  {
    name: "ends within the headers",
    behaviours: [send("HTTP/1.1 200 OK\r\nContent-Le")],
    result: "unreachable",
  },
  {
    name: "stops within the headers",
    behaviours: [keepOpen("HTTP/1.1 200 OK\r\nCon")],
    result: "timeout",
  },
  { name: "ends within the body", behaviours: [send(stored.slice(0, -3))], result: "unreachable" },
  { name: "stops within the body", behaviours: [keepOpen(stored.slice(0, -3))], result: "timeout" },
  {
    name: "stops within the body of an error",
    behaviours: [keepOpen(cutError())],
    result: "timeout",
  },
  { name: "drips for ever", behaviours: [drip], result: "timeout" },
  {
    name: "does not speak HTTP",
    behaviours: [send("220 smtp.example.com ESMTP\r\n")],
    result: "unreachable",
  },
  { name: "sends what gzip cannot read", behaviours: [send(falseGzip())], result: "unreachable" },
  {
    name: "drops two connections and then answers",
    behaviours: [(socket) => socket.destroy(), (socket) => socket.destroy(), send(stored)],
    result: "stored",
    triesMax: 4,
  },
  {
    name: "cuts an answer and then answers",
    behaviours: [send(stored.slice(0, -3)), send(stored)],
    result: "stored",
    triesMax: 3,
  },
  {
    name: "is given up before an answer",
    behaviours: [() => {}],
    result: "Error: stop",
    abortMs: 50,
  },
  {
    name: "is given up within the body",
    behaviours: [keepOpen(stored.slice(0, -3))],
    result: "Error: stop",
    abortMs: 50,
  },
  { name: "has a certificate of its own", behaviours: [send(stored)], result: "tls", tls: true },
];

let dir: TempDir;
let bundle: string;
let certificate: { key: string; cert: string } | undefined;
const servers: Server[] = [];

beforeAll(async () => {
  dir = await tempDir();
  certificate = await makeCertificate(dir.path);
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "client-in-runtime.ts")],
    target: "node",
    outdir: dir.path,
    naming: "client.mjs",
  });
  bundle = built.outputs[0]!.path;
});

afterAll(async () => {
  for (const server of servers) server.close();
  await dir[Symbol.asyncDispose]();
});

describe.each(runtimes)("under %s, a server that", (runtime) => {
  let outcomes: Map<string, Outcome>;

  beforeAll(async () => {
    const trials = await Promise.all(cases.map(startTrial));
    // Nothing listens on the port of a server that was closed.
    const closed = await startTrial({ name: "is not there", behaviours: [], result: "" });
    servers.pop()?.close();
    trials.push(
      { ...closed, timeoutMs: 3_000 },
      { ...closed, name: "has no name", baseUrl: "http://nothing.invalid" },
    );
    const run = Bun.spawn([runtime, bundle, JSON.stringify(trials)], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const printed = JSON.parse(await run.stdout.text()) as Outcome[];
    outcomes = new Map(printed.map((outcome) => [outcome.name, outcome]));
    expect(await run.exited).toBe(0);
  }, 20_000);

  test.each(cases.map(({ name, result, tls }) => ({ name, result, tls })))(
    "$name",
    ({ name, result, tls }) => {
      if (tls && certificate === undefined) return;
      const outcome = outcomes.get(name);
      expect(outcome?.result).toBe(result);
      expect(outcome?.tookMs).toBeLessThan(3_000);
    },
  );

  test.each(["is not there", "has no name"])("%s", (name) => {
    expect(outcomes.get(name)?.result).toBe("unreachable");
  });
});

async function startTrial({
  name,
  behaviours,
  result,
  triesMax = 1,
  abortMs,
  tls,
}: Case): Promise<Trial> {
  let connections = 0;
  const onConnection = (socket: Socket): void => {
    const behave = behaviours[Math.min(connections++, behaviours.length - 1)];
    socket.on("error", () => {});
    socket.once("data", () => behave?.(socket));
  };
  const server = tls
    ? createTlsServer(certificate ?? {}, onConnection)
    : createServer(onConnection);
  server.on("tlsClientError", () => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    name,
    baseUrl: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    // A busy machine must not turn an answer into a timeout.
    timeoutMs: result === "stored" ? 3_000 : timeoutMs,
    triesMax,
    ...(abortMs === undefined ? {} : { abortMs }),
  };
}

function answer(body: string, headers = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n${headers}\r\n${body}`;
}

function cutError(): string {
  return answer('{"error":"no such thing"}').replace("200 OK", "500 Error").slice(0, -5);
}

function falseGzip(): string {
  return answer('{"ok":true}', "Content-Encoding: gzip\r\n");
}

function send(text: string): (socket: Socket) => void {
  return (socket) => socket.end(text);
}

function keepOpen(text: string): (socket: Socket) => void {
  return (socket) => socket.write(text);
}

function sendSlowly(text: string): (socket: Socket) => void {
  return (socket) => {
    Array.from(text).forEach((character, i) => setTimeout(() => socket.write(character), i));
    setTimeout(() => socket.end(), text.length + 5);
  };
}

/** Each byte comes in time, the whole never. */
function drip(socket: Socket): void {
  socket.write(answer(" ".repeat(100_000)).split("\r\n\r\n")[0] + "\r\n\r\n");
  const timer = setInterval(() => socket.write(" "), 20);
  socket.once("close", () => clearInterval(timer));
}

/** A certificate that nobody vouches for, or undefined where there is no OpenSSL. */
async function makeCertificate(dir: string): Promise<{ key: string; cert: string } | undefined> {
  if (Bun.which("openssl") === null) return undefined;
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const options =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
  const run = Bun.spawn(["openssl", ...options.split(" "), "-keyout", key, "-out", cert], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  if ((await run.exited) !== 0) return undefined;
  return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
}
