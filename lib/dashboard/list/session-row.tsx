import type { JSX } from "preact";
import type { SessionSummary } from "../api.ts";
import { sessionHref } from "../route.ts";
import { formatCost, formatCount, formatExact, formatShort, formatTime } from "../ui/format.ts";
import { Plain, showTurns } from "../ui/plain.tsx";
import { SessionTitle } from "../ui/session-title.tsx";

interface Props {
  index: number;
  /** Undefined while it is on its way. */
  session: SessionSummary | undefined;
  now: number;
}

/** A session in the list; on a phone, a card. */
export function SessionRow({ index, session, now }: Props): JSX.Element {
  const place = { role: "row" as const, "data-row": index, "aria-rowindex": index + 2 };
  if (session === undefined) {
    return (
      <div class="row is-loading" {...place}>
        <div role="cell" class="cell title">
          <span class="visually-hidden">Loading</span>
        </div>
      </div>
    );
  }
  const tokens = session.promptTokens + session.completionTokens;
  return (
    <div class="row" {...place}>
      <div role="cell" class="cell title">
        <a href={sessionHref(session)} title={showTurns(session.title)}>
          <SessionTitle session={session} />
        </a>
      </div>
      <div role="cell" class="cell project" title={showTurns(session.projectPath)}>
        <Plain text={session.projectName} />
      </div>
      <div role="cell" class="cell model">
        <Plain text={session.model} />
      </div>
      <div role="cell" class="cell time number" title={formatExact(session.lastMessageAt)}>
        {formatTime(session.lastMessageAt, now)}
      </div>
      <div role="cell" class="cell messages number">
        {formatCount(session.messages)}
        <span class="unit"> messages</span>
      </div>
      <div role="cell" class="cell tokens number" title={`${formatCount(tokens)} tokens`}>
        {formatShort(tokens)}
        <span class="unit"> tokens</span>
      </div>
      <div role="cell" class="cell cost number" title={`$${session.cost}`}>
        {formatCost(session.cost)}
      </div>
    </div>
  );
}
