import type { MessagePut, Part } from "../../lib/opensync/wire.ts";
import { asRecord, asString } from "../../lib/session/value.ts";
import { withoutControls } from "../../lib/transcript/text.ts";
import type { CommandContext } from "../commands.ts";

/** Of a long text the beginning tells enough. */
const textCharsMax = 1500;

/** `/opensync preview`: what is sent of the last turn, as it is sent. */
export async function showPreview({ session, say }: CommandContext): Promise<void> {
  const { engine, live, loaded, obstacle } = session;
  const file = await live?.look();
  if (!engine || !file) {
    say(obstacle?.message ?? "There is nothing to send yet.", "warning");
    return;
  }
  if (loaded?.config.metadataOnly) {
    say("Only title, project, model, times, tokens and cost are sent, and no message.");
    return;
  }
  const messages = await (await engine.get()).preview(file);
  if (messages.length === 0) {
    say(`Nothing is sent: ${live?.state.skipped ?? "there is no message yet"}.`);
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
  const fields = asRecord(content);
  const text = asString(content) ?? asString(fields?.["text"]) ?? asString(fields?.["result"]);
  const shown = withoutControls(text ?? JSON.stringify(content));
  const sign = type === "text" ? "" : type === "tool-call" ? "→ " : "← ";
  return shown.length > textCharsMax
    ? `${sign}${shown.slice(0, textCharsMax)}… (${shown.length} characters)`
    : `${sign}${shown}`;
}
