/**
 * Deterministic generator of pi session corpora.
 *
 *   bun gen-sessions.ts --out DIR [--files 1000] [--bytes 1G] [--seed 1] [--images 0.0003]
 *              [--sigma 1.7] [--projects 40] [--line BYTES] [--quiet]
 *
 * Same arguments, same bytes. Sizes of entries follow two real pi sessions
 * (median toolResult about 1 KB, 90 % under 5 KB, cap 50 KB; assistant median 0.7 KB;
 * 5 % of lines hold non-ASCII text and those are about a quarter of all bytes).
 * File sizes are log-normal and scaled to the wanted total.
 * --line N makes every tool result about N bytes (for the "few huge lines" shape).
 *
 * Writes DIR/--proj--/TIMESTAMP_UUID.jsonl and DIR/manifest.json (counts to check against).
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

// ---------- arguments ----------
const argv = process.argv.slice(2);
const opt = (name: string, dflt: string): string => {
  const i = argv.indexOf(`--${name}`);
  return i >= 0 && argv[i + 1] !== undefined ? argv[i + 1]! : dflt;
};
const size = (s: string): number => {
  const m = /^([\d.]+)([kKmMgG]?)$/.exec(s);
  if (!m) throw new Error(`bad size ${s}`);
  return Math.round(
    Number(m[1]) *
      ({ "": 1, k: 1e3, m: 1e6, g: 1e9 } as Record<string, number>)[m[2]!.toLowerCase()]!,
  );
};
const OUT = opt("out", "");
if (!OUT) throw new Error("--out DIR is needed");
const FILES = Number(opt("files", "1000"));
const BYTES = size(opt("bytes", "100M"));
const SEED = Number(opt("seed", "1"));
const IMAGES = Number(opt("images", "0.0003")); // share of tool results that carry a 1 MB image
const SIGMA = Number(opt("sigma", "1.7"));
const PROJECTS = Number(opt("projects", "40"));
const LINE = size(opt("line", "0"));

// ---------- random ----------
let state = SEED >>> 0 || 1;
function rnd(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const int = (n: number) => Math.floor(rnd() * n);
const pick = <T>(a: readonly T[]): T => a[int(a.length)]!;
const normal = () => Math.sqrt(-2 * Math.log(rnd() + 1e-12)) * Math.cos(2 * Math.PI * rnd());
/** log-normal by median and 90th percentile, cut at max */
const len = (p50: number, p90: number, max: number) =>
  Math.max(
    1,
    Math.min(max, Math.round(Math.exp(Math.log(p50) + normal() * (Math.log(p90 / p50) / 1.2816)))),
  );
const hex = (n: number) => {
  let s = "";
  while (s.length < n)
    s += Math.floor(rnd() * 0x100000000)
      .toString(16)
      .padStart(8, "0");
  return s.slice(0, n);
};
const uuid = () => `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;

// ---------- text: slices of prebuilt pools ----------
const WORDS =
  "the a session file message tool result error return const function import export await async value type string number path read write edit bash test build config sync batch cursor entry parent branch compaction model token usage cost cache line index buffer parse stream queue retry timeout server client request response header body json if else for while class interface null undefined true false new this throw catch try".split(
    " ",
  );
function makePool(bytes: number, uni: boolean): string {
  const out: string[] = [];
  let n = 0;
  while (n < bytes) {
    const indent = "\t".repeat(int(4));
    const k = 2 + int(10);
    const w: string[] = [];
    for (let i = 0; i < k; i++) w.push(pick(WORDS));
    if (rnd() < 0.15) w.push(`"${pick(WORDS)}"`);
    if (rnd() < 0.15) w.push(`${pick(WORDS)}.${pick(WORDS)}(${pick(WORDS)});`);
    if (rnd() < 0.05) w.push(`src\\${pick(WORDS)}`);
    if (rnd() < 0.08) w.push(`\u001b[3${int(8)}m${pick(WORDS)}\u001b[0m`);
    if (uni && rnd() < 0.25)
      w.push(pick(["→", "✓", "—", "é", "日本語", "│", "└──", "“quoted”", "🚀", "ü"]));
    const line = indent + w.join(" ");
    out.push(line);
    n += line.length + 1;
  }
  return out.join("\n");
}
const ASCII = makePool(2_000_000, false);
const UNI = makePool(1_000_000, true);
const B64 = (() => {
  const abc = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let s = "";
  for (let i = 0; i < 1_500_000; i++) s += abc[int(64)];
  return s;
})();
const cut = (pool: string, n: number): string => {
  if (n <= pool.length) {
    const at = int(pool.length - n + 1);
    let s = pool.slice(at, at + n);
    const c0 = s.charCodeAt(0),
      c1 = s.charCodeAt(s.length - 1); // never split a surrogate pair
    if (c0 >= 0xdc00 && c0 <= 0xdfff) s = s.slice(1);
    if (c1 >= 0xd800 && c1 <= 0xdbff) s = s.slice(0, -1);
    return s;
  }
  let s = pool;
  while (s.length < n) s += pool;
  return s.slice(0, n - 2);
};
/** bigger texts are more often non-ASCII, as in real sessions */
const text = (n: number) => cut(rnd() < (n > 8000 ? 0.45 : n > 2000 ? 0.2 : 0.03) ? UNI : ASCII, n);
const b64 = (n: number) => cut(B64, n);

// ---------- entries ----------
const MODELS = [
  ["anthropic", "anthropic-messages", "claude-opus-4-5"],
  ["anthropic", "anthropic-messages", "claude-sonnet-4-5"],
  ["openai", "openai-responses", "gpt-5.1-codex"],
] as const;
type Obj = Record<string, unknown>;
const counts: Record<string, number> = {};
const bump = (k: string, n = 1) => {
  counts[k] = (counts[k] ?? 0) + n;
};

function usage(): Obj {
  const input = int(50),
    output = int(2000),
    cacheRead = int(150000),
    cacheWrite = int(9000);
  const c = {
    input: input * 5e-6,
    output: output * 25e-6,
    cacheRead: cacheRead * 5e-7,
    cacheWrite: cacheWrite * 6.25e-6,
  };
  return {
    input,
    output,
    cacheRead,
    cacheWrite,
    totalTokens: input + output + cacheRead + cacheWrite,
    cost: { ...c, total: c.input + c.output + c.cacheRead + c.cacheWrite },
  };
}
function toolCall(): { call: Obj; name: string } {
  const r = rnd(),
    id = `toolu_${b64(24)}`;
  const path = `/home/user/work/proj/src/${pick(WORDS)}-${pick(WORDS)}.ts`;
  if (r < 0.47)
    return {
      name: "bash",
      call: {
        type: "toolCall",
        id,
        name: "bash",
        arguments: { command: text(len(110, 250, 3000)) },
      },
    };
  if (r < 0.67)
    return {
      name: "read",
      call: {
        type: "toolCall",
        id,
        name: "read",
        arguments: { path, ...(rnd() < 0.4 ? { offset: int(2000), limit: 200 } : {}) },
      },
    };
  if (r < 0.965)
    return {
      name: "edit",
      call: {
        type: "toolCall",
        id,
        name: "edit",
        arguments: {
          path,
          oldText: text(len(230, 1200, 12000)),
          newText: text(len(260, 1400, 14000)),
        },
      },
    };
  return {
    name: "write",
    call: {
      type: "toolCall",
      id,
      name: "write",
      arguments: { path, content: text(len(6000, 40000, 50000)) },
    },
  };
}

class Session {
  lines: string[] = [];
  bytes = 0;
  ids: string[] = [];
  parent: string | null = null;
  now: number;
  model = pick(MODELS);
  pending: { id: string; name: string }[] = [];
  version: 1 | 2 | 3;
  constructor(version: 1 | 2 | 3, start: number) {
    this.version = version;
    this.now = start;
  }
  iso() {
    return new Date(this.now).toISOString();
  }
  push(o: Obj, kind: string) {
    const s = JSON.stringify(o);
    this.lines.push(s);
    this.bytes += Buffer.byteLength(s) + 1;
    bump("entries");
    bump(kind);
  }
  entry(type: string, body: Obj, kind = type) {
    this.now += 200 + int(20000);
    const base: Obj = { type };
    if (this.version >= 2) {
      const id = hex(8);
      base.id = id;
      base.parentId = this.parent;
      this.parent = id;
      this.ids.push(id);
    }
    this.push({ ...base, timestamp: this.iso(), ...body }, kind);
  }
  message(message: Obj) {
    bump("messages");
    this.entry(
      "message",
      { message: { ...message, timestamp: this.now } },
      `message:${message.role}`,
    );
  }
  user() {
    const content: Obj[] = [{ type: "text", text: text(len(110, 380, 6000)) }];
    if (rnd() < IMAGES * 4) {
      content.push({ type: "image", data: b64(1_000_000 + int(300_000)), mimeType: "image/png" });
      bump("images");
    }
    this.message({ role: "user", content: rnd() < 0.1 ? content[0]!.text : content });
  }
  assistant() {
    const content: Obj[] = [];
    if (rnd() < 0.12)
      content.push({
        type: "thinking",
        thinking: text(len(900, 4500, 18000)),
        thinkingSignature: b64(len(500, 2500, 10000)),
      });
    if (rnd() < 0.55) content.push({ type: "text", text: text(len(115, 550, 22000)) });
    const calls = rnd() < 0.88 ? 1 + (rnd() < 0.15 ? 1 + int(3) : 0) : 0;
    for (let i = 0; i < calls; i++) {
      const { call, name } = toolCall();
      content.push(call);
      this.pending.push({ id: call.id as string, name });
    }
    if (!content.length) content.push({ type: "text", text: text(60) });
    const [provider, api, model] = this.model;
    const bad = rnd() < 0.01;
    this.message({
      role: "assistant",
      content,
      api,
      provider,
      model,
      usage: usage(),
      stopReason: bad ? "aborted" : calls ? "toolUse" : "stop",
      ...(bad ? { errorMessage: "Request was aborted" } : {}),
    });
  }
  toolResult() {
    const { id, name } = this.pending.shift()!;
    const content: Obj[] = [];
    if (rnd() < IMAGES) {
      content.push(
        { type: "text", text: "Read image file [image/png]" },
        { type: "image", data: b64(900_000 + int(400_000)), mimeType: "image/png" },
      );
      bump("images");
    } else {
      content.push({
        type: "text",
        text: LINE
          ? cut(rnd() < 0.25 ? UNI : ASCII, Math.round(LINE * (0.8 + rnd() * 0.2)))
          : text(len(300, 3400, 50000)),
      });
    }
    this.message({
      role: "toolResult",
      toolCallId: id,
      toolName: name,
      content,
      ...(name === "edit" ? { details: { diff: text(len(600, 2000, 20000)) } } : {}),
      isError: rnd() < 0.05,
    });
  }
  step() {
    if (this.pending.length) return this.toolResult();
    const r = rnd();
    if (r < 0.12) this.user();
    else if (r < 0.93) this.assistant();
    else if (r < 0.965)
      this.entry("thinking_level_change", { thinkingLevel: pick(["off", "low", "high"]) });
    else if (r < 0.972) {
      this.model = pick(MODELS);
      this.entry("model_change", { provider: this.model[0], modelId: this.model[2] });
    } else if (r < 0.98)
      this.message({
        role: "bashExecution",
        command: "ls -la",
        output: text(len(400, 6000, 50000)),
        exitCode: 0,
        cancelled: false,
        truncated: false,
      });
    else if (r < 0.985)
      this.message({
        role: this.version < 3 ? "hookMessage" : "custom",
        customType: "todo",
        content: text(200),
        display: true,
      });
    else if (this.version < 2) this.user();
    else if (r < 0.989)
      this.entry("custom", {
        customType: "my-extension",
        data: { count: int(100), note: text(120) },
      });
    else if (r < 0.991)
      this.entry("custom_message", {
        customType: "my-extension",
        content: text(300),
        display: true,
      });
    else if (r < 0.994 && this.ids.length)
      this.entry("label", { targetId: pick(this.ids), label: `checkpoint-${int(9)}` });
    else if (r < 0.996) this.entry("session_info", { name: text(30).replace(/\s+/g, " ") });
    else if (r < 0.998 && this.ids.length)
      this.entry("compaction", {
        summary: text(len(4000, 6000, 9000)),
        firstKeptEntryId: pick(this.ids),
        tokensBefore: 120000 + int(60000),
      });
    else if (this.ids.length) {
      // branch: go back to an earlier entry
      const from = this.parent;
      this.parent = pick(this.ids);
      if (rnd() < 0.5)
        this.entry("branch_summary", { fromId: from, summary: text(len(1500, 4000, 6000)) });
    }
  }
}

// ---------- files ----------
const raw = Array.from({ length: FILES }, () => Math.exp(normal() * SIGMA));
const sum = raw.reduce((a, b) => a + b, 0);
const want = raw.map((r) => Math.max(600, (r / sum) * BYTES));
mkdirSync(OUT, { recursive: true });
const projects = Array.from({ length: Math.min(PROJECTS, FILES) }, (_, i) => {
  const cwd = `/home/user/work/proj-${i}`;
  const dir = join(OUT, `--${cwd.slice(1).replace(/\//g, "-")}--`);
  mkdirSync(dir, { recursive: true });
  return { cwd, dir };
});
let total = 0;
let last: { id: string; file: string; lines: string[] } | undefined;
let clock = Date.UTC(2025, 9, 1);
for (let f = 0; f < FILES; f++) {
  const { cwd, dir } = pick(projects);
  clock += int(3_600_000);
  const r = rnd();
  const version = r < 0.03 ? 1 : r < 0.05 ? 2 : 3;
  const s = new Session(version, clock);
  const id = uuid();
  const stamp = new Date(clock).toISOString();
  const file = join(dir, `${stamp.replace(/[:.]/g, "-")}_${id}.jsonl`);
  const fork = version === 3 && last && rnd() < 0.02 ? last : undefined;
  s.push(
    {
      type: "session",
      ...(version > 1 ? { version } : {}),
      id,
      timestamp: stamp,
      cwd,
      ...(version === 1 ? { provider: s.model[0], modelId: s.model[2], thinkingLevel: "off" } : {}),
      ...(fork ? { parentSession: fork.file.split("/").pop() } : {}),
    },
    "session",
  );
  if (fork) {
    // a fork holds copies of the first entries, same ids
    bump("forks");
    for (const l of fork.lines.slice(1, 1 + Math.ceil(fork.lines.length / 2))) {
      if (s.bytes > want[f]! * 0.7) break;
      s.lines.push(l);
      s.bytes += Buffer.byteLength(l) + 1;
      bump("entries");
      bump("fork-copies");
      s.parent = JSON.parse(l.slice(0, 200).match(/"id":("[0-9a-f]{8}")/)?.[1] ?? "null");
    }
  }
  s.user();
  const fd = openSync(file, "w");
  let written = 0;
  const kept: string[] = [];
  const flush = () => {
    if (!s.lines.length) return;
    if (kept.length < 400 && version === 3) kept.push(...s.lines.slice(0, 400 - kept.length));
    const buf = Buffer.from(s.lines.join("\n") + "\n");
    writeSync(fd, buf);
    written += buf.length;
    s.lines = [];
  };
  let buffered = 0;
  while (s.bytes < want[f]!) {
    s.step();
    if (s.bytes - buffered > 4_000_000) {
      flush();
      buffered = s.bytes;
    }
  }
  flush();
  if (rnd() < 0.01) {
    // crash while appending
    const cutLine = Buffer.from(
      JSON.stringify({
        type: "message",
        id: hex(8),
        parentId: s.parent,
        timestamp: s.iso(),
        message: { role: "user", content: "never finished" },
      }).slice(0, 60 + int(40)),
    );
    writeSync(fd, cutLine);
    written += cutLine.length;
    bump("truncated");
  }
  closeSync(fd);
  total += written;
  bump(`v${version}`);
  if (version === 3 && kept.length > 4 && kept.reduce((a, l) => a + l.length, 0) < 8_000_000)
    last = { id, file, lines: kept };
}
const manifest = {
  files: FILES,
  bytes: total,
  seed: SEED,
  counts: Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))),
};
writeFileSync(join(OUT, "manifest.json"), JSON.stringify(manifest, null, 1));
if (!argv.includes("--quiet")) console.log(JSON.stringify(manifest));
