import type { JSX } from "preact";
import type { SessionDetail, SessionLink } from "../api.ts";
import { sessionHref } from "../route.ts";
import {
  formatCost,
  formatCount,
  formatExact,
  formatNumberOf,
  formatShort,
  formatTime,
} from "../ui/format.ts";
import { Plain, showTurns } from "../ui/plain.tsx";
import { plainTitle, SessionTitle } from "../ui/session-title.tsx";
import { Actions } from "./actions.tsx";
import { PageTitle } from "../ui/page-title.tsx";

/** What a session is, where it comes from and where it leads. */
export function SessionHeader({ detail }: { detail: SessionDetail }): JSX.Element {
  const { session, forks } = detail;
  const now = Date.now();
  return (
    <header class="session-head">
      <PageTitle>
        <SessionTitle session={session} />
      </PageTitle>
      <ul class="facts fact-list">
        {session.projectName !== "" && (
          <li title={showTurns(session.projectPath)}>
            <Plain text={session.projectName} />
          </li>
        )}
        {session.model !== "" && (
          <li title={showTurns(session.provider)}>
            <Plain text={session.model} />
          </li>
        )}
        <li title={formatExact(session.lastMessageAt)}>{formatTime(session.lastMessageAt, now)}</li>
        <li>{formatNumberOf(detail.total, "message")}</li>
        <li
          title={`${formatCount(session.promptTokens)} in, ${formatCount(session.completionTokens)} out`}
        >
          {formatShort(session.promptTokens + session.completionTokens)} tokens
        </li>
        {session.cost > 0 && <li title={`$${session.cost}`}>{formatCost(session.cost)}</li>}
      </ul>
      {session.parent && <Links name="Forked from" links={[session.parent]} />}
      {forks.length > 0 && <Links name={forks.length === 1 ? "Fork" : "Forks"} links={forks} />}
      <Actions detail={detail} />
    </header>
  );
}

function Links({ name, links }: { name: string; links: SessionLink[] }): JSX.Element {
  return (
    <p class="facts links">
      {name}:{" "}
      {links.map((link, at) => (
        <span key={link.id}>
          {at > 0 && ", "}
          <a href={sessionHref({ id: link.id })}>
            <Plain text={plainTitle(link.title)} />
          </a>
        </span>
      ))}
    </p>
  );
}
