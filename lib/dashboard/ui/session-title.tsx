import type { JSX } from "preact";
import type { SessionSummary } from "../api.ts";
import { Plain } from "./plain.tsx";

/** How pi-opensync begins the titles of forks and subagents' sessions; a badge says the same. */
const prefix = /^(?:\[Subagent\] )?(?:\[Fork::[\w-]+\] )?/;

/** A title without what a badge or a link says already. */
export function plainTitle(title: string): string {
  return title.replace(prefix, "") || "Untitled";
}

/** A session's title, with what it is apart from one of pi's own, as badges. */
export function SessionTitle({ session }: { session: SessionSummary }): JSX.Element {
  const { title, source, isSubagent } = session;
  const isFork = session.parent !== undefined || title.startsWith("[Fork::");
  return (
    <>
      {source !== "pi" && source !== "" && (
        <span class="badge">
          <Plain text={source} />
        </span>
      )}
      {isSubagent ? <span class="badge">subagent</span> : isFork && <span class="badge">fork</span>}
      <Plain text={plainTitle(title)} />
    </>
  );
}
