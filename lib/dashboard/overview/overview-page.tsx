import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Overview } from "../api.ts";
import { useLiveReload, useServices } from "../context.ts";
import { navigate } from "../navigation.ts";
import { useLoad } from "../net/use-load.ts";
import { overviewHref, sessionHref, startOfDay } from "../route.ts";
import type { OverviewState } from "../route.ts";
import {
  baseName,
  formatCost,
  formatCount,
  formatNumberOf,
  formatScaleCost,
  formatShort,
} from "../ui/format.ts";
import { Failure, Notice } from "../ui/notice.tsx";
import { SessionTitle } from "../ui/session-title.tsx";
import { BarChart } from "./bar-chart.tsx";
import { Choice } from "./choice.tsx";
import { toPeriods, valueOf } from "./periods.ts";
import type { Period } from "./periods.ts";
import { DataTable, Shares, UsageTable } from "./shares.tsx";
import type { Share } from "./shares.tsx";
import { PageTitle } from "../ui/page-title.tsx";

type Metric = OverviewState["metric"];

const dayMs = 86_400_000;
/** While pi works the sums change all the time; they follow at this pace. */
const refreshMs = 5000;
const metricNames: Record<Metric, string> = {
  cost: "Cost",
  tokens: "Tokens",
  sessions: "Sessions",
};

/** The page of what was used: when, on what, by which model. */
export function OverviewPage({ overview }: { overview: OverviewState }): JSX.Element {
  const { api } = useServices();
  const { days } = overview;
  const { value, error, reload } = useLoad(String(days), (signal) => {
    const from = days === 0 ? undefined : startOfDay(Date.now() - (days - 1) * dayMs);
    return api.overview(from, undefined, signal);
  });
  useLiveReload(reload, refreshMs);
  useEffect(() => {
    document.title = "Overview · pi-opensync";
    scrollTo(0, 0);
  }, []);
  return (
    <main id="main" class="page overview">
      <div class="page-head">
        <PageTitle>Overview</PageTitle>
        <Choices overview={overview} />
      </div>
      {error && <Failure error={error} onRetry={reload} />}
      {value && !error && <Sums value={value} overview={overview} />}
    </main>
  );
}

function Sums({ value, overview }: { value: Overview; overview: OverviewState }): JSX.Element {
  const { metric } = overview;
  if (value.totals.sessions === 0) return <Notice title="Nothing was used in this time" />;
  return (
    <>
      <Totals totals={value.totals} />
      <OverTime value={value} overview={overview} />
      <div class="panels">
        <Panel title={`${metricNames[metric]} by model`}>
          <Shares shares={value.models.map((model) => toShare(model.model, model, metric))} />
          <UsageTable
            of="Model"
            rows={value.models.map((model) => ({ ...model, name: model.model }))}
          />
        </Panel>
        <Panel title={`${metricNames[metric]} by project`}>
          <Shares
            shares={value.projects.map((project) => ({
              ...toShare(project.project, project, metric),
              shownName: baseName(project.project) || "(none)",
            }))}
          />
          <UsageTable
            of="Project"
            rows={value.projects.map((project) => ({ ...project, name: project.project }))}
          />
        </Panel>
        <Panel title="Most used tools">
          <Shares
            shares={value.tools.map(({ name, calls }) => ({
              name,
              value: calls,
              text: formatNumberOf(calls, "call"),
            }))}
          />
          <DataTable
            caption="Tool"
            heads={["Tool", "Calls"]}
            rows={value.tools.map(({ name, calls }) => [name, formatCount(calls)])}
          />
        </Panel>
        <MostExpensive sessions={value.mostExpensive} />
      </div>
    </>
  );
}

function OverTime({ value, overview }: { value: Overview; overview: OverviewState }): JSX.Element {
  const { metric, unit } = overview;
  const periods = toPeriods(value.days, unit);
  const title = `${metricNames[metric]} per ${unit}`;
  const bars = periods.map((period) => ({
    name: period.name,
    value: valueOf(period, metric),
    text: describe(period),
  }));
  const format = (amount: number): string =>
    metric === "cost" ? formatScaleCost(amount) : formatShort(amount);
  return (
    <Panel title={title}>
      <BarChart label={title} bars={bars} format={format} />
      <UsageTable of={title} rows={periods.toReversed()} />
    </Panel>
  );
}

function Choices({ overview }: { overview: OverviewState }): JSX.Element {
  const choose = (part: Partial<OverviewState>): void =>
    navigate(overviewHref({ ...overview, ...part }), true);
  return (
    <div class="filters">
      <Choice
        label="What"
        value={overview.metric}
        choices={{ cost: "Cost", tokens: "Tokens", sessions: "Sessions" }}
        onChange={(metric) => choose({ metric })}
      />
      <Choice
        label="Bars"
        value={overview.unit}
        choices={{ day: "Days", week: "Weeks", month: "Months" }}
        onChange={(unit) => choose({ unit })}
      />
      <select
        aria-label="Time"
        value={overview.days}
        onChange={(event) => choose({ days: Number(event.currentTarget.value) })}
      >
        <option value={7}>Last 7 days</option>
        <option value={30}>Last 30 days</option>
        <option value={90}>Last 90 days</option>
        <option value={365}>Last year</option>
        <option value={0}>All time</option>
      </select>
    </div>
  );
}

function Totals({ totals }: { totals: Overview["totals"] }): JSX.Element {
  const figures = [
    ["Cost", formatCost(totals.cost), `$${totals.cost}`],
    ["Sessions", formatCount(totals.sessions), ""],
    ["Messages", formatCount(totals.messages), ""],
    ["Tokens in", formatShort(totals.promptTokens), formatCount(totals.promptTokens)],
    ["Tokens out", formatShort(totals.completionTokens), formatCount(totals.completionTokens)],
  ] as const;
  return (
    <dl class="totals">
      {figures.map(([name, figure, exact]) => (
        <div key={name} title={exact}>
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

function MostExpensive({ sessions }: { sessions: Overview["mostExpensive"] }): JSX.Element {
  return (
    <Panel title="Most expensive sessions">
      <ol class="expensive">
        {sessions.map((session) => (
          <li key={session.id}>
            <a href={sessionHref(session)}>
              <SessionTitle session={session} />
            </a>
            <span class="share-value">{formatCost(session.cost)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Panel(props: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="panel">
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}

function toShare(name: string, usage: Omit<Period, "day" | "name">, metric: Metric): Share {
  const value = valueOf(usage, metric);
  return { name, value, text: metric === "cost" ? formatCost(value) : formatShort(value) };
}

function describe(period: Period): string {
  const tokens = formatCount(period.promptTokens + period.completionTokens);
  return `${formatCost(period.cost)}, ${tokens} tokens, ${formatNumberOf(period.sessions, "session")}`;
}
