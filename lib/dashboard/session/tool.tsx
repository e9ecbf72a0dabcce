import type { JSX } from "preact";
import { Code } from "../ui/code.tsx";
import { Fold } from "../ui/fold.tsx";
import { Plain, withoutEscapes } from "../ui/plain.tsx";
import { DiffViews } from "./diff-view.tsx";
import type { ToolCall, ToolResult } from "./pair-tools.ts";
import { countChanges, languageOf, readTool, summariseTool } from "./read-tool.ts";
import type { Argument, ToolView } from "./read-tool.ts";

/** A tool call with what came of it, folded to a line. */
export function ToolCallView(props: {
  call: ToolCall;
  result: ToolResult | undefined;
  isOpen: boolean;
}): JSX.Element {
  const { call, result } = props;
  const view = readTool(call.name, call.args);
  return (
    <Fold
      key={props.isOpen ? "open" : "folded"}
      class={result?.isError ? "tool is-error" : "tool"}
      summary={<Plain text={call.name} />}
      preview={summariseTool(call.name, call.args)}
      isOpen={props.isOpen}
      aside={<Outcome view={view} result={result} />}
    >
      <ToolBody view={view} />
      {result && <Output result={result} view={view} />}
    </Fold>
  );
}

/** A result whose call is not here: a command that the person ran, or what another plugin sent. */
export function ToolResultView({ result }: { result: ToolResult }): JSX.Element {
  return (
    <Fold
      class={result.isError ? "tool is-error" : "tool"}
      summary={<Plain text={result.name} />}
      preview={withoutEscapes(result.result)}
      aside={result.isError ? "failed" : ""}
    >
      <Output result={result} view={{ kind: "other", rest: [] }} />
    </Fold>
  );
}

function Outcome(props: { view: ToolView; result: ToolResult | undefined }): JSX.Element {
  const { view, result } = props;
  if (result?.isError) return <>failed</>;
  if (result === undefined) return <>no result</>;
  if (view.kind !== "edit") return <></>;
  const { added, removed } = countChanges(view.diffs);
  return (
    <>
      <span class="added">+{added}</span> <span class="removed">−{removed}</span>
    </>
  );
}

function ToolBody({ view }: { view: ToolView }): JSX.Element {
  switch (view.kind) {
    case "command":
      return (
        <>
          <Code text={view.command} language="bash" label="command" />
          <Arguments list={view.rest} />
        </>
      );
    case "edit":
      return (
        <>
          <PathLine path={view.path} />
          <DiffViews diffs={view.diffs} />
        </>
      );
    case "write":
      return (
        <>
          <PathLine path={view.path} />
          <Code text={view.content} label="content" {...coloured(view.path)} />
        </>
      );
    case "read":
      return (
        <>
          <PathLine path={view.path} />
          <Arguments list={view.rest} />
        </>
      );
    default:
      return <Arguments list={view.rest} />;
  }
}

function Output({ result, view }: { result: ToolResult; view: ToolView }): JSX.Element {
  const text = withoutEscapes(result.result);
  const language = view.kind === "read" && !result.isError ? coloured(view.path) : {};
  return (
    <div class="output">
      <Code text={text} label="output" {...language} />
    </div>
  );
}

function PathLine({ path }: { path: string }): JSX.Element | null {
  if (path === "") return null;
  return (
    <p class="path">
      <Plain text={path} />
    </p>
  );
}

function Arguments({ list }: { list: Argument[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <dl class="arguments">
      {list.map(({ name, text }) => (
        <div key={name}>
          <dt>
            <Plain text={name} />
          </dt>
          <dd>{text.includes("\n") ? <Code text={text} label={name} /> : <Plain text={text} />}</dd>
        </div>
      ))}
    </dl>
  );
}

function coloured(path: string): { language?: string } {
  const language = languageOf(path);
  return language === undefined ? {} : { language };
}
