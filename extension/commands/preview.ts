import type { MessagePut, Part } from "../../lib/opensync/wire.ts";
import { asRecord, asString } from "../../lib/session/value.ts";
import { withoutControls } from "../../lib/transcript/text.ts";
import type { CommandContext } from "../commands.ts";
import { requireLive } from "./require-live.ts";

/** Of a long text the beginning tells enough. */
const textCharsMax = 1500;

/** `/opensync preview`: what is sent of the last turn, as it is sent. */
export async function showPreview(context: CommandContext): Promise<void> {
  const { session, say } = context;
  const parts = requireLive(context);
  if (parts === undefined) return;
  if (session.loaded?.config.metadataOnly) {
    say("Only title, project, model, times, tokens and cost are sent, and no message.");
    return;
  }
  const file = await parts.live.look();
  const messages = file ? await (await parts.engine.get()).preview(file) : [];
  if (messages.length === 0) {
    say(`Nothing is sent: ${parts.live.state.skipped ?? "there is no message to send"}.`);
    return;
  }
  const title = `The last turn as it is sent, ${messages.length} messages:`;
  say([title, ...messages.map(describeMessage)].join("\n\n"));
}

function describeMessage({ role, model, parts = [] }: MessagePut): string {
  const head = model === undefined ? role : `${role} (${model})`;
  return [`── ${head}`, ...parts.map(describePart)].join("\n");
}

function describePart({ type, content }: Part): string {
  const shown = withoutControls(textOf(content));
  const sign = { text: "", "tool-call": "→ ", "tool-result": "← " }[type];
  return shown.length > textCharsMax
    ? `${sign}${shown.slice(0, textCharsMax)}… (${shown.length} characters)`
    : `${sign}${shown}`;
}

/** The text of a part, and of a tool's call what it is called with. */
function textOf(content: unknown): string {
  const { text, result, name, args } = asRecord(content) ?? {};
  const said = asString(content) ?? asString(text) ?? asString(result);
  if (said !== undefined) return said;
  return typeof name === "string" ? `${name} ${JSON.stringify(args)}` : JSON.stringify(content);
}
