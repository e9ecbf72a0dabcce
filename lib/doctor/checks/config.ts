import { aboutSubject } from "../check.ts";
import type { Check } from "../check.ts";
import type { ConfigFacts, ConfigValue } from "../facts/config.ts";

const file = aboutSubject("config-file", "Configuration");
const value = aboutSubject("config-value", "Configuration");
const target = aboutSubject("config-target", "Where to");
const autoSync = aboutSubject("config-auto-sync", "Automatic");

/** Whether the configuration says where to send, and nothing that can't be meant. */
export function checkConfig(facts: ConfigFacts): Check[] {
  return [checkFile(facts), ...checkValues(facts), ...checkTarget(facts), ...checkAutoSync(facts)];
}

function checkFile({ path, hasFile, unreadable, isComplete, values }: ConfigFacts): Check {
  if (unreadable) {
    return file.failure({
      found: unreadable.message,
      why: "Without it nothing is sent, so that nothing goes where it should not.",
      fix: unreadable.hint,
    });
  }
  if (hasFile) return file.well(`${path} can be used.${describeOrigins(values)}`);
  if (isComplete)
    return file.well(`There is no file; the environment says all.${describeOrigins(values)}`);
  return file.failure({
    found: `There is no ${path}, and the environment does not say where to send.`,
    why: "Sessions stay on this machine until there is a server.",
    fix: "pi-opensync setup",
  });
}

/** What overrides the file is what people forget. */
function describeOrigins(values: readonly ConfigValue[]): string {
  const variables = values.flatMap(({ variable }) => variable ?? []);
  if (variables.length === 0) return "";
  return ` From the environment: ${variables.join(", ")}.`;
}

function checkValues({ errors, warnings }: ConfigFacts): Check[] {
  return [
    ...errors.map(({ message, hint }) =>
      value.failure({
        found: message,
        why: "Nothing is sent while it is unclear what is meant.",
        fix: hint,
      }),
    ),
    ...warnings.map(({ message, hint }) =>
      value.warning({ found: message, why: "What was meant does not happen.", fix: hint }),
    ),
  ];
}

function checkTarget(facts: ConfigFacts): Check[] {
  const { baseUrl, errors, hasFile, isComplete, targetProblem, unreadable, values } = facts;
  if (unreadable || errors.length > 0) return [];
  if (targetProblem) {
    const { message, hint } = targetProblem;
    return [target.failure({ found: message, why: "Nothing can be sent.", fix: hint })];
  }
  const shown = (field: string): string | undefined =>
    values.find((one) => one.field === field)?.shown;
  if (baseUrl !== undefined) return [target.well(`${baseUrl}, with the key ${shown("apiKey")}.`)];
  // A machine without any configuration was told about already.
  if (isComplete || !hasFile) return [];
  const missing = shown("url") === undefined ? "server" : "API key";
  return [
    target.failure({
      found: `No ${missing} is configured.`,
      why: "Sessions stay on this machine until there are both, a server and a key.",
      fix: "pi-opensync setup",
    }),
  ];
}

function checkAutoSync({ values }: ConfigFacts): Check[] {
  const found = values.find(({ field }) => field === "autoSync");
  if (found?.shown !== "false") return [];
  const { variable } = found;
  return [
    autoSync.warning({
      found: `Automatic sync is off${variable ? `, by ${variable}` : ""}.`,
      why: "Sessions are sent only when you ask for it.",
      fix: variable ? `unset ${variable}` : "pi-opensync config set autoSync true",
    }),
  ];
}
