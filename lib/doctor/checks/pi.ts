import { isPiSupported, piVersionMin } from "../../pi/installations.ts";
import { ourPackage, olderPackage } from "../../pi/registration.ts";
import type { Registration } from "../../pi/registration.ts";
import { aboutSubject, repairCommand } from "../check.ts";
import type { Check } from "../check.ts";
import type { LoadFacts } from "../facts/load-pi.ts";
import type { PiFacts } from "../facts/pi.ts";

const program = aboutSubject("pi-version", "pi");
const registered = aboutSubject("pi-registered", "Registered");
const enabled = aboutSubject("pi-enabled", "Enabled");
const loaded = aboutSubject("pi-loaded", "Loaded");
const version = aboutSubject("pi-extension-version", "Extension");
const older = aboutSubject("pi-older-plugin", "Older plugin");

/** Whether a pi that is new enough loads our extension: once, and not beside the older plugin. */
export function checkPi(facts: PiFacts, ourVersion: string | undefined): Check[] {
  return [
    checkProgram(facts),
    ...checkRegistered(facts),
    ...checkEnabled(facts),
    ...checkLoaded(facts),
    ...checkVersions(facts, ourVersion),
    ...checkOlder(facts),
  ];
}

function checkProgram({ installations }: PiFacts): Check {
  const [first, ...others] = installations;
  if (!first) {
    return program.failure({
      found: "There is no pi on the PATH.",
      why: "Sessions that are there can be sent; new ones come from pi.",
      fix: "npm install -g @earendil-works/pi-coding-agent",
    });
  }
  const name = `${first.path}, version ${first.version ?? "unknown"}`;
  if (first.version === undefined || !isPiSupported(first.version)) {
    return program.failure({
      found: `${name}, is older than ${piVersionMin}.`,
      why: "The extension needs what newer versions tell it.",
      fix: "npm install -g @earendil-works/pi-coding-agent@latest",
    });
  }
  const more = others.map(({ path }) => path).join(", ");
  return program.well(more === "" ? `${name}.` : `${name}. Also on the PATH: ${more}.`);
}

function checkRegistered(facts: PiFacts): Check[] {
  const { agentDir, installations, load, settingsProblem } = facts;
  if (settingsProblem !== undefined) {
    return [
      registered.failure({
        found: settingsProblem,
        why: "pi can't tell what to load, and we leave such a file alone.",
        fix: `Correct ${agentDir}/settings.json, then run pi-opensync doctor again.`,
      }),
    ];
  }
  const sources = listOurs(facts).map(({ source }) => source);
  if (sources.length > 0) return [registered.well(`pi is told to load ${sources.join(", ")}.`)];
  const [copy] = load?.kind === "started" ? load.copies : [];
  if (copy) return [registered.well(`pi loads ${copy.source} in this project.`)];
  // Without pi, there is nothing to register with.
  if (installations.length === 0) return [];
  return [
    registered.failure({
      found: `pi's settings in ${agentDir} do not name pi-opensync.`,
      why: "Sessions are not sent while pi runs.",
      fix: repairCommand,
    }),
  ];
}

function listOurs({ registrations }: PiFacts): Registration[] {
  return registrations.filter(({ name }) => name === ourPackage);
}

function checkEnabled(facts: PiFacts): Check[] {
  const ours = listOurs(facts);
  if (ours.length === 0 || ours.some(({ isEnabled }) => isEnabled)) return [];
  return [
    enabled.failure({
      found: `${ours[0]?.source} is registered, but its extension is switched off.`,
      why: "Sessions are not sent while pi runs.",
      fix: "Switch its extension on: pi config",
    }),
  ];
}

function checkLoaded(facts: PiFacts): Check[] {
  const { load } = facts;
  if (!load) return [];
  if (load.kind === "failed") {
    return [
      loaded.failure({
        found: `pi does not start: ${load.reason}`,
        why: "What keeps pi from starting keeps sessions from being made and sent.",
        fix: "Run pi to see more; pi -ne starts it without extensions.",
      }),
    ];
  }
  const expected = listOurs(facts).find(({ isEnabled }) => isEnabled);
  if (load.copies.length === 0) return expected ? [notLoaded(expected.source)] : [];
  if (load.copies.length === 1) return [loaded.well("pi starts, and /opensync is there.")];
  const sources = load.copies.map(({ source }) => source);
  const one = facts.registrations.find(({ source }) => sources.includes(source));
  return [
    loaded.failure({
      found: `pi loads the extension ${sources.length} times: ${sources.join(", ")}.`,
      why: "They get in each other's way, and commands have numbers behind their names.",
      fix: describeRemoval(one, "all but one of them"),
    }),
  ];
}

/** pi itself takes a package out; a folder has to be moved. */
function describeRemoval(registration: Registration | undefined, what: string): string {
  return registration?.place === "packages"
    ? `pi remove ${registration.source}`
    : `Move ${registration?.source ?? what} out of what pi loads.`;
}

function notLoaded(source: string): Check {
  return loaded.failure({
    found: `pi starts, but did not load ${source}.`,
    why: "Sessions are not sent while pi runs.",
    fix: source.includes(":") ? `pi install ${source}` : `Check that ${source} is still there.`,
  });
}

function checkVersions({ load }: PiFacts, ourVersion: string | undefined): Check[] {
  const copies = load?.kind === "started" ? load.copies : [];
  return copies
    .filter((copy) => copy.version !== undefined && copy.version !== ourVersion)
    .map((copy) =>
      version.warning({
        found: `pi runs version ${copy.version} of the extension, and this is ${ourVersion}.`,
        why: "Both keep the same files; it is safer when both know the same of them.",
        fix: `pi update ${copy.source}`,
      }),
    );
}

function checkOlder({ load, registrations }: PiFacts): Check[] {
  const found = registrations.find(({ name, isEnabled }) => name === olderPackage && isEnabled);
  const isLoaded = isOlderLoaded(load);
  if (!found && !isLoaded) return [];
  return [
    older.failure({
      found: `pi also loads ${found?.source ?? olderPackage}.`,
      why: "Both send every session, so each is on the server twice.",
      fix: describeRemoval(found, olderPackage),
    }),
  ];
}

function isOlderLoaded(load: LoadFacts | undefined): boolean {
  return load?.kind === "started" && load.hasOlderPlugin;
}
