import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { useSamples } from "../../cli/samples.ts";
import type { Server } from "../../lib/server/serve.ts";
import { toSink } from "../../lib/sync/delivery.ts";
import { type Api, connect } from "../contract/opensync/client.ts";
import { runReconcile } from "./run-reconcile.ts";
import { clientOf } from "./server.ts";

const dayMs = 86_400_000;

/** Calls to a server in this process. */
export function apiOf(server: Server): Api {
  return connect({ baseUrl: server.url, apiKey: server.apiKey, fetch: server.fetch });
}

/** Sends the four samples of `npm start` as our own client does, thinking included. */
export async function sendSamples(server: Server): Promise<void> {
  await using samples = await useSamples();
  const client = clientOf(server.url, server.apiKey);
  const never = new AbortController().signal;
  for (const name of (await readdir(samples.sessions)).sort()) {
    await runReconcile(join(samples.sessions, name), join(samples.dir, "cursors"), {
      sink: toSink(client, never),
      transcript: { toolCalls: true, thinking: true },
    });
  }
}

/** A session of the corpus: days ago, title, project, model, prompts, plugin. */
type Row = [
  daysAgo: number,
  title: string,
  project: string,
  model: string,
  prompts: number,
  source?: string,
];

const [opus, sonnet, codex, gemini] = [
  "claude-opus-4-5",
  "claude-sonnet-4-5",
  "gpt-5.1-codex",
  "gemini-3-pro",
];

const providers: Record<string, string> = {
  [opus]: "anthropic",
  [sonnet]: "anthropic",
  [codex]: "openai",
  [gemini]: "google",
};

const rows: Row[] = [
  [0.1, "Retry uploads that fail with 503", "parcel-tracker", opus, 9],
  [0.3, "Why does the nightly import skip Fridays?", "harbour-fees", opus, 12],
  [0.4, "[Subagent] List every caller of parseManifest", "parcel-tracker", sonnet, 1],
  [0.9, "Dark mode for the station page", "tide-tables", codex, 7],
  [1.2, "Move the queue from Redis to Postgres", "parcel-tracker", opus, 23],
  [1.3, "Type errors after the update of the router", "tide-tables", sonnet, 4],
  [2.1, "Write the release notes for 3.4", "parcel-tracker", sonnet, 3],
  [2.2, "Flaky test: session expires at midnight", "harbour-fees", opus, 11],
  [3.4, "Shell script to rotate the backups", "homelab", gemini, 5],
  [4.1, "Explain the borrow checker error in scan.rs", "seed-index", codex, 6],
  [4.6, "Search is slow with accents", "seed-index", opus, 14],
  [5.2, "Proxy drops websocket connections after a minute", "homelab", opus, 8],
  [6.3, "Export invoices as PDF/A", "harbour-fees", codex, 10],
  [7.4, "Replace moment with Temporal", "tide-tables", opus, 17],
  [8.1, "Review of the login page", "parcel-tracker", sonnet, 4, "claude-code"],
  [8.8, "Make the table sortable by keyboard", "tide-tables", sonnet, 6],
  [10.2, "Memory grows while parsing large manifests", "parcel-tracker", opus, 19],
  [11.1, "Convert the config to TOML", "seed-index", gemini, 3],
  [12.7, "Certificate renewal fails behind the proxy", "homelab", opus, 9],
  [13.5, "Round fees half to even", "harbour-fees", codex, 5],
  [15.2, "Draft of the talk on tides", "tide-tables", sonnet, 8, "opencode"],
  [16.4, "Deadlock between two migrations", "harbour-fees", opus, 13],
  [18.3, "Add a dry run to the importer", "parcel-tracker", codex, 6],
  [20.9, "Stem German compounds in the index", "seed-index", opus, 21],
  [22.2, "Alert when the disk is nearly full", "homelab", sonnet, 4],
  [24.6, "Property tests for the date range", "harbour-fees", opus, 7],
  [27.1, "Set up the workspace for a new colleague", "parcel-tracker", sonnet, 5, "claude-code"],
  [29.8, "Cache station data for a day", "tide-tables", gemini, 6],
  [33.0, "Find the commit that broke the map", "tide-tables", opus, 10],
  [38.4, "Compress the posting lists", "seed-index", codex, 16],
  [45.5, "Translate error messages into German", "parcel-tracker", sonnet, 9],
  [52.3, "Wireguard between the two sites", "homelab", opus, 7],
];

const asked = [
  "Find out why first, then tell me before you change anything.",
  "That sounds right. Go ahead, with a test that fails without it.",
  "The test passes here as well. What about the old clients?",
  "Can this be smaller?",
  "Leave the public interface as it is.",
  "Now run everything again.",
];

const said = [
  "The handler gives up after the first answer that is not 200. A 503 with `Retry-After` is the one case in which it should not.",
  "Done: three tries with growing pauses, and none for answers that cannot change. The test fails without it.",
  "Old clients never look at the header, so nothing changes for them. I checked the two calls that parse the answer themselves.",
  "Yes. The two branches do the same but for the limit, so one function with a parameter is enough: 41 lines become 17.",
  "The interface stays. I renamed only what no other file imports.",
  "All green: 214 tests, 9 seconds.",
];

const calls: [name: string, args: object, result: string][] = [
  ["bash", { command: "npm test" }, "214 passed\n"],
  [
    "read",
    { path: "src/upload/send.ts" },
    "export async function send(parcel: Parcel) {\n  …\n}\n",
  ],
  [
    "edit",
    { path: "src/upload/send.ts", oldText: "tries: 1", newText: "tries: 3" },
    "Replaced 1 block",
  ],
  ["grep", { pattern: "Retry-After", path: "src" }, "src/upload/send.ts:41: // Retry-After\n"],
];

/** Fills a server with sessions such as a person has after two months, the newest just before `now`. */
export async function sendCorpus(server: Server, now: number): Promise<void> {
  const api = apiOf(server);
  for (const [number, row] of rows.entries()) await sendRow(api, number, row, now);
}

async function sendRow(api: Api, number: number, row: Row, now: number): Promise<void> {
  const [daysAgo, title, project, model, prompts, source = "pi"] = row;
  const externalId = `${source}:019e${String(number).padStart(4, "0")}-4c00-7a10-8b30-5d6c1f0a2e01`;
  const startMs = now - daysAgo * dayMs - prompts * 240_000;
  const promptTokens = prompts * (21_000 + 900 * number);
  const completionTokens = prompts * (1100 + 30 * number);
  await api.putSession({
    externalId,
    title,
    projectPath: `/home/ada/${project}`,
    projectName: project,
    model,
    provider: providers[model],
    source,
    promptTokens,
    completionTokens,
    cost: (promptTokens * 1.2 + completionTokens * (model === opus ? 25 : 12)) / 1e6,
    createdAt: Math.round(startMs),
  });
  const messages = Array.from({ length: prompts }, (_, turn) => turnOf(title, number, turn)).flat();
  for (const [index, message] of messages.entries()) {
    await api.putMessage({
      sessionExternalId: externalId,
      externalId: `${externalId}:${index}`,
      createdAt: Math.round(startMs + index * 60_000),
      ...(message.role === "assistant" && { model }),
      ...message,
    });
  }
}

function turnOf(title: string, number: number, turn: number) {
  const at = number + turn;
  const text = (role: string, content: string) => ({
    role,
    textContent: content,
    parts: [{ type: "text", content }],
  });
  const [name, args, result] = calls[at % calls.length]!;
  const toolCallId = `call_${number}_${turn}`;
  return [
    text("user", turn === 0 ? title : asked[at % asked.length]!),
    { role: "assistant", parts: [{ type: "tool-call", content: { toolCallId, name, args } }] },
    {
      role: "tool",
      textContent: result,
      parts: [{ type: "tool-result", content: { toolCallId, name, result, isError: false } }],
    },
    text("assistant", said[at % said.length]!),
  ];
}
