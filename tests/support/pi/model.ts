import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the model answers one request with. */
export interface Answer {
  thinking?: string;
  text?: string;
  calls?: { name: string; args: unknown }[];
  /** Tokens; of the `input` ones, `cached` came from the cache. */
  usage?: { input: number; output: number; cached?: number };
  /** Fails with this HTTP status instead. */
  status?: number;
  /** Waits so long between the words of the text. */
  wordMs?: number;
  /** Closes the connection behind the text. */
  isCut?: boolean;
  finish?: "stop" | "tool_calls" | "length";
}

/** A model that answers with what it is told to, in order, and then with echoes. */
export interface ScriptedModel extends AsyncDisposable {
  /** For pi's models.json. */
  baseUrl: string;
  /** Adds answers to what it says next. */
  play(...answers: Answer[]): void;
  /** The last text that each request so far ended with. */
  asked: string[];
}

/** Starts a model server that speaks the streaming chat-completions protocol on loopback. */
export async function scriptedModel(): Promise<ScriptedModel> {
  const script: Answer[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const hear = async (): Promise<void> => {
      const text = lastText(await readBody(request));
      asked.push(text);
      await reply(response, script.shift() ?? { text: `You said: ${text.slice(0, 80)}` });
    };
    hear().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    play: (...answers) => void script.push(...answers),
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface ChatRequest {
  messages: { content?: string | { text?: string }[] }[];
}

async function readBody(request: IncomingMessage): Promise<ChatRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString()) as ChatRequest;
}

function lastText({ messages }: ChatRequest): string {
  const content = messages.at(-1)?.content ?? "";
  if (typeof content === "string") return content;
  return content.map(({ text }) => text ?? "").join("");
}

let answers = 0;

async function reply(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.status !== undefined) {
    const error = { message: `scripted ${answer.status}`, type: "scripted" };
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error }));
    return;
  }
  answers += 1;
  const id = `chatcmpl-${answers}`;
  const send = (fields: object): void => {
    const chunk = { id, object: "chat.completion.chunk", created: 0, model: "scripted", ...fields };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const choose = (delta: object, finish: string | null = null): void =>
    send({ choices: [{ index: 0, delta, finish_reason: finish }] });

  response.writeHead(200, { "content-type": "text/event-stream" });
  choose({ role: "assistant", content: "" });
  if (answer.thinking) choose({ reasoning_content: answer.thinking });
  for (const word of (answer.text ?? "").match(/\S+\s*/g) ?? []) {
    choose({ content: word });
    if (answer.wordMs) await Bun.sleep(answer.wordMs);
    if (response.destroyed) return;
  }
  if (answer.isCut) {
    response.socket?.destroySoon();
    return;
  }
  for (const [index, { name, args }] of (answer.calls ?? []).entries()) {
    const call = { name, arguments: JSON.stringify(args) };
    const callId = `call_${answers}_${index}`;
    choose({ tool_calls: [{ index, id: callId, type: "function", function: call }] });
  }
  choose({}, answer.finish ?? (answer.calls ? "tool_calls" : "stop"));
  send({ choices: [], usage: describeUsage(answer) });
  response.end("data: [DONE]\n\n");
}

function describeUsage({ usage = { input: 100, output: 10 } }: Answer): object {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
  };
}
