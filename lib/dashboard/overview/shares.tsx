import type { JSX } from "preact";
import { formatCost, formatCount } from "../ui/format.ts";
import { Plain, showTurns } from "../ui/plain.tsx";

/** A part of the whole, such as a model or a project. */
export interface Share {
  /** As it comes from sessions. */
  name: string;
  /** How it is called here; by default its name. */
  shownName?: string;
  value: number;
  text: string;
}

const shownMax = 8;

/** The largest parts of something as bars. */
export function Shares({ shares }: { shares: Share[] }): JSX.Element {
  const largest = shares.toSorted((a, b) => b.value - a.value).slice(0, shownMax);
  const max = Math.max(...largest.map(({ value }) => value), Number.MIN_VALUE);
  if (largest.length === 0) return <p class="facts">Nothing yet.</p>;
  return (
    <ul class="shares">
      {largest.map((share) => (
        <li key={share.name} title={showTurns(share.name)}>
          <span class="share-name">
            <Plain text={share.shownName ?? (share.name || "(none)")} />
          </span>
          <span class="share-value">{share.text}</span>
          <svg aria-hidden="true" width="100%" height="6">
            <rect class="share-room" width="100%" height="6" rx="3" />
            <rect class="bar-value" width={`${(share.value / max) * 100}%`} height="6" rx="3" />
          </svg>
        </li>
      ))}
    </ul>
  );
}

/** A line of a table of what was used. */
interface UsageRow {
  name: string;
  sessions: number;
  promptTokens: number;
  completionTokens: number;
  cost: number;
}

/** All values behind a chart. */
export function UsageTable(props: { of: string; rows: UsageRow[] }): JSX.Element {
  return (
    <DataTable
      caption={props.of}
      heads={[props.of, "Sessions", "Tokens in", "Tokens out", "Cost"]}
      rows={props.rows.map((row) => [
        row.name,
        formatCount(row.sessions),
        formatCount(row.promptTokens),
        formatCount(row.completionTokens),
        formatCost(row.cost),
      ])}
    />
  );
}

/** A table that is folded away until somebody wants the numbers. */
export function DataTable(props: {
  caption: string;
  heads: string[];
  rows: string[][];
}): JSX.Element {
  return (
    <details class="data">
      <summary>Table</summary>
      <div class="data-scroll" role="region" aria-label={`${props.caption}, table`} tabIndex={0}>
        <table>
          <caption class="visually-hidden">{props.caption}</caption>
          <thead>
            <tr>
              {props.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.rows.map(([name = "", ...values], row) => (
              <tr key={row}>
                <th scope="row">
                  <Plain text={name || "(none)"} />
                </th>
                {values.map((value, column) => (
                  <td key={column}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
