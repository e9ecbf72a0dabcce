import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Facet, Facets } from "../api.ts";
import { isFiltered } from "../route.ts";
import type { ListState } from "../route.ts";
import { baseName, formatCount } from "../ui/format.ts";
import { showTurns } from "../ui/plain.tsx";

interface Props {
  list: ListState;
  facets: Facets | undefined;
  onChange: (change: Partial<ListState>) => void;
}

const times = [
  ["", "Any time"],
  ["1d", "Today"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
  ["365d", "Last year"],
] as const;

/** What the list, and the search, is narrowed to. */
export function Filters({ list, facets, onChange }: Props): JSX.Element {
  return (
    <div class="filters" role="group" aria-label="Filters">
      <FacetSelect
        name="Project"
        isPath
        every="All projects"
        facets={facets?.projects}
        value={list.project}
        onChange={(project) => onChange({ project })}
      />
      <FacetSelect
        name="Model"
        every="All models"
        facets={facets?.models}
        value={list.model}
        onChange={(model) => onChange({ model })}
      />
      {(facets?.sources.length ?? 0) > 1 || list.source !== "" ? (
        <FacetSelect
          name="Source"
          every="All sources"
          facets={facets?.sources}
          value={list.source}
          onChange={(source) => onChange({ source })}
        />
      ) : null}
      <TimeSelect value={list.time} onChange={(time) => onChange({ time })} />
      {isFiltered(list) && (
        <button
          type="button"
          class="quiet"
          onClick={() => onChange({ project: "", model: "", source: "", time: "" })}
        >
          Clear filters
        </button>
      )}
    </div>
  );
}

function FacetSelect(props: {
  name: string;
  every: string;
  isPath?: boolean;
  facets: Facet[] | undefined;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  const { facets = [], value } = props;
  const nameOf = shortNames(props.isPath ? facets.map((facet) => facet.value) : []);
  const isKnown = value === "" || facets.some((facet) => facet.value === value);
  return (
    <select
      aria-label={props.name}
      value={value}
      class={value === "" ? "" : "is-set"}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    >
      <option value="">{props.every}</option>
      {!isKnown && <option value={value}>{showTurns(nameOf(value))}</option>}
      {facets
        .filter((facet) => facet.value !== "")
        .map((facet) => (
          <option key={facet.value} value={facet.value}>
            {`${showTurns(nameOf(facet.value))} (${formatCount(facet.sessions)})`}
          </option>
        ))}
    </select>
  );
}

/** The last folder is enough where no other path ends the same. */
function shortNames(paths: string[]): (value: string) => string {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(baseName(path), (counts.get(baseName(path)) ?? 0) + 1);
  return (value) => (counts.get(baseName(value)) === 1 ? baseName(value) : value);
}

function TimeSelect(props: { value: string; onChange: (time: string) => void }): JSX.Element {
  const { value } = props;
  const [first = "", last = ""] = value.includes("..") ? value.split("..") : [];
  const [isOpen, setOpen] = useState(value.includes(".."));
  useEffect(() => setOpen(value.includes("..")), [value]);
  const choose = (choice: string): void => {
    setOpen(choice === "..");
    if (choice !== "..") props.onChange(choice);
  };
  const setSpan = (from: string, to: string): void =>
    props.onChange(from === "" && to === "" ? "" : `${from}..${to}`);
  return (
    <>
      <select
        aria-label="Time"
        value={isOpen ? ".." : value}
        class={value === "" ? "" : "is-set"}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {times.map(([time, name]) => (
          <option key={time} value={time}>
            {name}
          </option>
        ))}
        <option value="..">From … to …</option>
      </select>
      {isOpen && (
        <span class="dates">
          <input
            type="date"
            aria-label="From"
            value={first}
            onChange={(event) => setSpan(event.currentTarget.value, last)}
          />
          –
          <input
            type="date"
            aria-label="To"
            value={last}
            onChange={(event) => setSpan(first, event.currentTarget.value)}
          />
        </span>
      )}
    </>
  );
}
