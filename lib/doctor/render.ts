import { hostedBaseUrl, isLoopbackUrl } from "../opensync/base-url.ts";
import { expandTilde } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { withoutControls } from "../transcript/text.ts";
import type { Check, Status } from "./check.ts";
import type { Facts } from "./facts.ts";

/** How checks are shown. */
export interface Style {
  /** Columns; undefined where lines have no end. */
  width: number | undefined;
  /** For the home folder, which is shortened to `~`. */
  env: Env;
  /** Gives a sign its colour. */
  paint: (status: Status, sign: string) => string;
}

const signs: Record<Status, string> = { well: "✓", warning: "!", failure: "✗" };

/** The longest title, and the space behind it. */
const titleWidth = 14;
/** On a narrower screen, the title stands on a line of its own. */
const twoColumnsMin = 60;

/** Checks for people: a sign and what was found, and below it why it matters and what mends it. */
export function renderChecks(checks: readonly Check[], style: Style): string {
  return checks.map((check) => renderCheck(check, style)).join("\n");
}

/** How many checks came to what, in a line. */
export function renderTally(checks: readonly Check[]): string {
  const count = (status: Status): number => checks.filter((one) => one.status === status).length;
  const [warnings, failures] = [count("warning"), count("failure")];
  if (warnings + failures === 0) return "All is well.";
  const parts = [
    failures > 0 ? `${failures} ✗` : "",
    warnings > 0 ? `${warnings} !` : "",
    `${count("well")} ✓`,
  ];
  return parts.filter((part) => part !== "").join("   ");
}

/**
 * A text to paste into an issue. It names neither a server that is not everybody's, nor projects, nor
 * the home folder. Secrets are to be replaced before.
 */
export function renderReport(facts: Facts, checks: readonly Check[], env: Env): string {
  const style = { width: undefined, env, paint: (_: Status, sign: string) => sign };
  const values = (facts.config?.values ?? []).map(
    ({ field, shown, origin }) => `  ${field}: ${shown} (${origin})`,
  );
  const text = [renderChecks(checks, style), "", "Settings", ...values].join("\n");
  const anonymous = withoutProjects(withoutServer(text, facts.config?.baseUrl));
  return ["```text", anonymous, "```", ""].join("\n");
}

function renderCheck({ title, status, found, why, fix }: Check, style: Style): string {
  const { width = Infinity, env, paint } = style;
  const isWide = width >= twoColumnsMin;
  const indent = isWide ? titleWidth + 2 : 2;
  const wrapped = (text: string, lead = ""): string[] =>
    wrap(withoutControls(shortenHome(text, env)), width - indent - lead.length).map(
      (line, index) => (index === 0 ? lead : " ".repeat(lead.length)) + line,
    );
  const lines = [
    ...(isWide ? [] : [title]),
    ...wrapped(found),
    ...(why === undefined ? [] : wrapped(why)),
    ...(fix === undefined ? [] : wrapped(fix, "→ ")),
  ];
  const [first = "", ...rest] = lines;
  const head = isWide ? title.padEnd(titleWidth) + first : first;
  return [
    `${paint(status, signs[status])} ${head}`,
    ...rest.map((line) => " ".repeat(indent) + line),
  ].join("\n");
}

/** Lines of so many characters at the most, but for words that are longer. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Paths below the home folder, as people write them. */
function shortenHome(text: string, env: Env): string {
  const home = expandTilde("~", env);
  return home.length > 1 ? text.replaceAll(home, "~") : text;
}

/** pi names the folder of a project's sessions after its path, with `-` for `/`. */
function withoutProjects(text: string): string {
  return text.replaceAll(/--[^\s/\\]+--(?=[/\\])/g, "--…--");
}

function withoutServer(text: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined || baseUrl === hostedBaseUrl || isLoopbackUrl(baseUrl)) return text;
  return text.replaceAll(new URL(baseUrl).hostname, "<your-server>");
}
