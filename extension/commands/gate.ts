import type { CommandContext } from "../commands.ts";
import { openGate } from "../open.ts";
import { choosePrivacy, readPrivacy } from "../privacy.ts";
import { processMemory } from "../process-memory.ts";
import { requireLive } from "./require-live.ts";
import { summarize } from "./status.ts";

/** So long a person waits for a sync to end before it goes on in the background. */
const patienceMs = 15_000;

/** `/opensync sync`: sends now what waits. */
export async function syncNow(context: CommandContext): Promise<void> {
  const { live } = requireLive(context) ?? {};
  if (live === undefined) return;
  if ((await readPrivacy(context.session.hosted)) !== "public") {
    context.say("This session is private. /opensync resume would send it.", "warning");
    return;
  }
  const isOver = new AbortController();
  const { clock } = context.session;
  const patience = clock.sleep(patienceMs, isOver.signal).catch(() => {});
  await Promise.race([live.sync(), patience]);
  isOver.abort();
  context.say(summarize(context.session), live.state.failure ? "warning" : "info");
}

/** `/opensync pause`: keeps what comes, in all sessions of this run of pi. */
export async function pause(context: CommandContext): Promise<void> {
  const { live } = requireLive(context) ?? {};
  if (live === undefined) return;
  processMemory().isPaused = true;
  if (live.state.gate !== "off") live.setGate("paused");
  context.say("Paused. What comes is kept here until /opensync resume, or the next start of pi.");
}

/** `/opensync resume`: goes on after a pause, and takes a private session back after a question. */
export async function resume(context: CommandContext): Promise<void> {
  const parts = requireLive(context);
  if (parts === undefined) return;
  const { hosted, env } = context.session;
  processMemory().isPaused = false;
  const isPrivate = (await readPrivacy(hosted)) !== "public";
  if (isPrivate) {
    const question = "All of it would be sent, also what was said while it was private.";
    if (!(await hosted.ui.confirm("Send this private session to OpenSync?", question))) return;
    choosePrivacy(hosted, "on");
    delete context.session.whyOff;
  }
  if (context.session.whyOff !== undefined) {
    context.say(`Nothing is sent by itself: ${context.session.whyOff}. /opensync sync sends now.`);
    return;
  }
  parts.live.setGate(openGate(env, parts.baseUrl));
  context.say("OpenSync goes on.");
}

/** `/opensync off`: the session stays private, also when it is resumed or found by a backfill. */
export async function keepPrivate(context: CommandContext): Promise<void> {
  const { hosted, live } = context.session;
  live?.setGate("off");
  choosePrivacy(hosted, "off");
  context.session.whyOff = "you keep this session private";
  const sent = await countSent(context);
  const rest =
    sent > 0
      ? ` ${sent} messages are on the server already; they can be deleted in its dashboard.`
      : "";
  context.say(`This session stays private from now on.${rest} /opensync resume takes that back.`);
}

async function countSent({ session }: CommandContext): Promise<number> {
  const file = await session.live?.look();
  const engine = await session.engine?.get().catch(() => undefined);
  return (file && engine?.progress(file.path)?.messages) ?? 0;
}
