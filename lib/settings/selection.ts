import { coversPath, matchesName } from "../config/glob.ts";

/** What a person adds to the files that are synced, and takes away. */
export interface Selection {
  /** Files and folders below the agent directory, such as `agents/` or `notes/todo.md`. */
  readonly include: readonly string[];
  /** Globs; one without a slash matches at any depth, as in a `.gitignore`. */
  readonly exclude: readonly string[];
}

/** Of the agent directory, what is synced where nothing is configured. */
const syncedFiles = [
  "settings.json",
  "keybindings.json",
  "models.json",
  "AGENTS.md",
  "APPEND_SYSTEM.md",
];
const syncedFolders = ["skills", "prompts", "themes", "extensions"];

const temporaryName = /^\..+\.pi-opensync-[0-9a-f]+\.tmp$/s;

/** Names that are refused wherever they stand, in lower case. */
const refusedNames: readonly (readonly [RegExp, string])[] = [
  [/^\.env(\.|$)|\.env$/, "holds credentials (.env)"],
  [/^node_modules$/, "a dependency folder"],
  [/^\.git$/, "the inside of a Git repository"],
  [/^(\.cache|__pycache__)$/, "a cache"],
  [/\.conflict-\d{4}-?\d\d-?\d\d.*-./, "the other side of a conflict"],
  [temporaryName, "a temporary file of pi-opensync"],
  // What `replaceFile` leaves behind when it is killed.
  [/\.[0-9a-f]{12}\.tmp$/, "a temporary file of pi-opensync"],
  [/^(\.ds_store|thumbs\.db|desktop\.ini)$|^\._/, "made by the operating system"],
  [/~$|^\..+\.swp$/, "left over by an editor"],
];

/** What is refused at the top alone, with all that is below. */
const refusedAtTop: ReadonlyMap<string, string> = new Map([
  ["auth.json", "holds credentials"],
  ["mcp-auth.json", "holds credentials"],
  ["sessions", "pi's sessions"],
  ["cache", "a cache"],
  ["pi-sync.json", "the configuration of pi-sync, for this machine"],
  ["pi-sync.local.json", "the configuration of pi-sync, for this machine"],
  [".pisync", "the state of pi-sync on this machine"],
  ["pi-opensync", "the state of pi-opensync on this machine"],
  [".pi-opensync", "the state of pi-opensync on this machine"],
]);

const pathCharsMax = 1000;
const nameBytesMax = 255;

type Kind = "file" | "folder";

/** Why a file is not synced that a glob of the person's excludes. */
export const excludedReason = "excluded by your configuration";

/**
 * Why a file is not synced, in a short phrase; undefined where it is. The path is relative to the
 * agent directory, with `/` between names; it may come from the storage and hold anything.
 */
export function judgePath(path: string, selection: Selection): string | undefined {
  return judge(path, selection, "file");
}

/** As `judgePath`, for a folder: with a reason, nothing below it is synced either. */
export function judgeFolder(path: string, selection: Selection): string | undefined {
  return judge(path, selection, "folder");
}

function judge(path: string, selection: Selection, kind: Kind): string | undefined {
  const refusal = judgeTarget(path, kind);
  if (refusal !== undefined) return refusal;
  if (!isSelected(path, selection, kind)) return "not among what is synced";
  return isExcluded(path, selection) ? excludedReason : undefined;
}

/**
 * Why a path is never synced, whatever is selected: it leads elsewhere, can't exist on every system,
 * holds credentials, or belongs to this machine. A link may not lead to one either.
 */
export function judgeTarget(path: string, kind: Kind): string | undefined {
  return judgeForm(path) ?? judgeNames(path.split("/"), kind);
}

/**
 * Why a path is none for a file below the agent directory that can exist on every system, whoever
 * selects it. What passes holds no `..`, no empty name and no control character.
 */
export function judgeForm(path: string): string | undefined {
  if (path === "") return "an empty path";
  if (path.length > pathCharsMax) return "its path is too long";
  if (/^\/|^[a-z]:/i.test(path)) return "not a path below the agent directory";
  if (/(^|\/)\.{0,2}(\/|$)/.test(path)) return "not a path below the agent directory";
  if (/[\0-\x1f\x7f-\x9f]/.test(path)) return "a control character in its name";
  // Where a name is not UTF-8, Node puts U+FFFD, and does not find the file by that.
  if (path.includes("\ufffd") || !path.isWellFormed()) return "its name is not Unicode";
  if (/[\\<>:"|?*]/.test(path)) return "a character in its name that Windows does not allow";
  if (/[. ](\/|$)/.test(path)) return "a name that ends as Windows does not allow";
  if (reservedOnWindows.test(path)) return "a name that Windows reserves";
  const isLong = (name: string): boolean => Buffer.byteLength(name) > nameBytesMax;
  return path.length * 3 > nameBytesMax && path.split("/").some(isLong)
    ? "its name is too long"
    : undefined;
}

/** Devices, with any ending. */
const reservedOnWindows =
  /(^|\/)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.[^/]*)?(\/|$)/i;

/** Where the search for files starts: files and folders, sorted, none of them below another. */
export function listRoots({ include }: Selection): string[] {
  const roots = new Set([...syncedFiles, ...syncedFolders, ...include.map(trimInclude)]);
  return [...roots].filter((path) => !isBelowAny(path, roots)).sort();
}

/** The path of a temporary file beside another file. `random` is in hex. */
export function temporaryPath(path: string, random: string): string {
  const at = path.lastIndexOf("/") + 1;
  // A long name is cut, so that this one is not too long for the disk: in whole characters.
  const name = Array.from(path.slice(at)).slice(0, 48).join("");
  return `${path.slice(0, at)}.${name}.pi-opensync-${random}.tmp`;
}

/**
 * Pairs of paths that can't both exist on macOS and Windows, where upper and lower case, and the
 * forms of an accented letter, are the same name. Two spellings of one folder count as well.
 */
export function findCollisions(paths: Iterable<string>): [string, string][] {
  const known = new Map<string, { spelling: string; path: string }>();
  const pairs: [string, string][] = [];
  for (const path of paths) {
    let other: string | undefined;
    for (const spelling of listPlaces(path)) {
      const place = foldCase(spelling.replace(/\/$/, ""));
      const first = known.get(place);
      if (first === undefined) known.set(place, { spelling, path });
      else if (first.spelling !== spelling) other ??= first.path;
    }
    if (other !== undefined) pairs.push([other, path]);
  }
  return pairs;
}

/** The folders above a file, each with a slash at its end, and the file. */
function* listPlaces(path: string): Generator<string> {
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    yield path.slice(0, at + 1);
  }
  yield path;
}

function foldCase(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase();
}

function judgeNames(names: readonly string[], kind: Kind): string | undefined {
  for (const [index, exact] of names.entries()) {
    const name = foldCase(exact);
    const isFolder = index < names.length - 1 || kind === "folder";
    if (isFolder && name.endsWith(".lock")) return "a lock folder";
    const atTop = index === 0 ? refusedAtTop.get(name) : undefined;
    const reason = atTop ?? refusedNames.find(([pattern]) => pattern.test(name))?.[1];
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function isSelected(path: string, { include }: Selection, kind: Kind): boolean {
  const top = path.split("/", 1)[0] ?? "";
  if (syncedFolders.includes(top)) return path !== top || kind === "folder";
  if (syncedFiles.includes(path)) return kind === "file";
  return include.some((item) => isAtOrBelow(path, trimInclude(item)));
}

/** `./agents/` is `agents`. */
function trimInclude(item: string): string {
  return item.replace(/^(\.\/+)+/, "").replace(/\/+$/, "");
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isBelowAny(path: string, folders: ReadonlySet<string>): boolean {
  return [...listPlaces(path)].some((place) => place !== path && folders.has(place.slice(0, -1)));
}

function isExcluded(path: string, { exclude }: Selection): boolean {
  if (exclude.length === 0) return false;
  const names = path.normalize("NFC").split("/");
  return exclude.some((glob) => {
    const parts = glob.normalize("NFC").replace(/\/+$/, "").split("/");
    const [first = "", ...more] = parts;
    if (more.length === 0) return names.some((name) => matchesName(first, name));
    const named = parts.filter((part) => part !== "" && part !== ".");
    return named.length > 0 && coversPath(named, names);
  });
}
