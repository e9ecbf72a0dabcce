import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { SearchHit, SearchPage, SessionQuery } from "../api.ts";
import { useServices } from "../context.ts";
import { useLoad } from "../net/use-load.ts";
import { sessionHref } from "../route.ts";
import { formatExact, formatNumberOf, formatTime } from "../ui/format.ts";
import { moveFocus, useKeys } from "../ui/keys.ts";
import { Failure, Notice } from "../ui/notice.tsx";
import { Plain } from "../ui/plain.tsx";
import { roleNames } from "../ui/roles.ts";
import { SessionTitle } from "../ui/session-title.tsx";
import { Excerpt } from "./excerpt.tsx";
import { groupHits } from "./group-hits.ts";

interface Props {
  words: string;
  query: SessionQuery;
  onClear: () => void;
  /** The address of the same search without filters. */
  everywhere: string;
}

const hitsMax = 100;

/** What a search found, by session. */
export function SearchResults({ words, query, onClear, everywhere }: Props): JSX.Element {
  const { api } = useServices();
  const key = JSON.stringify([words, query]);
  const found = useLoad(key, (signal) => api.search(words, query, hitsMax, signal));
  useKeys({
    j: () => moveFocus(".hit a", 1),
    k: () => moveFocus(".hit a", -1),
    Escape: onClear,
  });
  useEffect(() => scrollTo(0, 0), [key]);
  const { value, error } = found;
  return (
    <section aria-label="Hits" aria-busy={found.isLoading}>
      <p class="result-count" role="status">
        {value && !error ? countHits(value) : " "}
      </p>
      {error && <Failure error={error} onRetry={found.reload} />}
      {value?.hits.length === 0 && !error && <NothingFound words={words} everywhere={everywhere} />}
      {!error &&
        groupHits(value?.hits ?? []).map((hits) => <Group key={hits[0].session.id} hits={hits} />)}
    </section>
  );
}

function countHits({ hits, isCut, tookMs }: SearchPage): string {
  const count = `${isCut ? "The first " : ""}${formatNumberOf(hits.length, "hit")}`;
  return `${count} in ${Math.max(1, Math.round(tookMs))} ms`;
}

function Group({ hits }: { hits: [SearchHit, ...SearchHit[]] }): JSX.Element {
  const { session } = hits[0];
  const now = Date.now();
  return (
    <article class="group">
      <h2>
        <a href={sessionHref(session)}>
          <SessionTitle session={session} />
        </a>
      </h2>
      <p class="facts">
        <Plain text={session.projectName} /> · <Plain text={session.model} /> ·{" "}
        <span title={formatExact(session.lastMessageAt)}>
          {formatTime(session.lastMessageAt, now)}
        </span>
      </p>
      <ul>
        {hits.map((hit) => (
          <li key={hit.message?.id ?? "title"} class="hit">
            <a href={sessionHref(session, hit.message?.id)}>
              <span class="hit-role">{hit.message ? roleNames[hit.message.role] : "Title"}</span>
              <span class="hit-text">
                <Excerpt text={hit.excerpt} ranges={hit.ranges} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </article>
  );
}

function NothingFound(props: { words: string; everywhere: string }): JSX.Element {
  return (
    <Notice title="Nothing found">
      <p>
        No message has all of these words: <Plain text={props.words} />. The last one may be the
        beginning of a word. Prompts, answers and what tools put out are searched.
      </p>
      <p>
        <a href={props.everywhere}>Search without filters</a>
      </p>
    </Notice>
  );
}
